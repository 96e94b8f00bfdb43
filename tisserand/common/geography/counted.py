"""A map that tells a count by département."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tisserand.common.geography.contours import CONTOURS_CREDIT, outlines_together
from tisserand.common.geography.reference import department_by_name, departments
from tisserand.common.geography.svg import Area, map_svg


class Counted(NamedTuple):
    """A département by its name, its number, and where it leads."""

    name: str
    number: int
    href: str | None = None


def counted_map(
    counted: Sequence[Counted], *, told: Callable[[str, int], str], title: str, desc: str, caption: str
) -> dict[str, Any] | None:
    """What `components/map.html` shows of these départements and their neighbours; None when none is known.

    Args:
        counted: one département may come under several spellings: its numbers add up.
        told: what is said of a département, by its name and its number ("Somme : 3 structures").
    """
    known: dict[str, Counted] = {}
    regions = set()
    for one in counted:
        if found := department_by_name(one.name):
            before = known.get(found.code, Counted(found.name, 0, one.href))
            known[found.code] = before._replace(number=before.number + one.number)
            regions.add(found.region)
    # The neighbours of the region are scenery: they tell where one is.
    outlines = outlines_together([one.code for one in departments() if one.region in regions])
    if not set(known) & set(outlines):
        return None
    areas = [_area(path, known.get(code), told) for code, path in outlines.items()]
    return {"drawing": map_svg(areas, title=title, desc=desc), "caption": caption, "credit": CONTOURS_CREDIT}


def _area(path: str, one: Counted | None, told: Callable[[str, int], str]) -> Area:
    if one is None:
        return Area(path, "map-area", "", None, None)
    return Area(path, "map-area is-on", told(one.name, one.number), one.href, one.number)
