"""The map of the directory."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tisserand.common.geography import CONTOURS_CREDIT, department_by_name, outlines_together
from tisserand.common.geography import departments as reference
from tisserand.common.geography.svg import Area, map_svg
from tisserand.portal.queries import Department


def department_map(departments: Sequence[Department]) -> dict[str, Any] | None:
    """Contours of the départements where there are structures, with counts; None when none is known."""
    known = {found.code: d for d in departments if (found := department_by_name(d.name))}
    regions = {found.region for code in known if (found := department_by_name(code))}
    # The neighbours of the region are scenery: they tell where one is.
    shown = [d.code for d in reference() if d.region in regions]
    outlines = outlines_together(shown)
    if not set(known) & set(outlines):
        return None
    areas = [_area(path, known.get(code)) for code, path in outlines.items()]
    return {
        "drawing": map_svg(
            areas, title=_("Carte des structures"), desc=_("Le nombre de structures par département ; la liste suit.")
        ),
        "caption": _("Le nombre de structures par département."),
        "credit": CONTOURS_CREDIT,
    }


def _area(path: str, department: Department | None) -> Area:
    if department is None:
        return Area(path, "map-area", "", None, None)
    label = ngettext("%(name)s : %(n)d structure", "%(name)s : %(n)d structures", department.count)
    told = label % {"name": department.name, "n": department.count}
    return Area(path, "map-area is-on", told, f"#{department.anchor}", department.count)
