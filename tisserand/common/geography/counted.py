"""A map that tells a count by département."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tisserand.common.geography.contours import CONTOURS_CREDIT, outlines_together
from tisserand.common.geography.reference import department_by_name, departments
from tisserand.common.geography.svg import Area, map_svg


class Counted(NamedTuple):
    """A département by its name, what is told of it ("Somme : 3 structures"), its number, and where it leads."""

    name: str
    label: str
    number: int
    href: str | None = None


def counted_map(counted: Sequence[Counted], *, title: str, desc: str, caption: str) -> dict[str, Any] | None:
    """What `components/map.html` shows of these départements and their neighbours; None when none is known."""
    known = {found.code: one for one in counted if (found := department_by_name(one.name))}
    regions = {found.region for code in known if (found := department_by_name(code))}
    # The neighbours of the region are scenery: they tell where one is.
    outlines = outlines_together([one.code for one in departments() if one.region in regions])
    if not set(known) & set(outlines):
        return None
    areas = [_area(path, known.get(code)) for code, path in outlines.items()]
    return {"drawing": map_svg(areas, title=title, desc=desc), "caption": caption, "credit": CONTOURS_CREDIT}


def _area(path: str, one: Counted | None) -> Area:
    if one is None:
        return Area(path, "map-area", "", None, None)
    return Area(path, "map-area is-on", one.label, one.href, one.number)
