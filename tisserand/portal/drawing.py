"""The map of the directory."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tisserand.common.geography.counted import Counted, counted_map
from tisserand.portal.queries import Department


def department_map(departments: Sequence[Department]) -> dict[str, Any] | None:
    """Contours of the départements where there are structures, with counts; None when none is known."""
    return counted_map(
        [Counted(one.name, one.count, f"#{one.anchor}") for one in departments],
        told=_told,
        title=_("Carte des structures"),
        desc=_("Le nombre de structures par département ; la liste suit."),
        caption=_("Le nombre de structures par département."),
    )


def _told(name: str, count: int) -> str:
    return ngettext("%(name)s : %(n)d structure", "%(name)s : %(n)d structures", count) % {"name": name, "n": count}
