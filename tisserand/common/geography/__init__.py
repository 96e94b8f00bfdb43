"""French départements and communes: reference lists, outlines, and maps drawn as SVG.

Everything is read from compressed files shipped beside the code (sources and licences in
`data/SOURCES.md`), on first use, and kept for the life of the process. A place that is in no list,
invented ones included, is simply not found: lookups return ``None`` or nothing, never an error.
"""

from tisserand.common.geography.contours import (
    CONTOURS_CREDIT,
    Outline,
    department_outline,
    france_outlines,
    outlines_together,
)
from tisserand.common.geography.names import department_key, place_key
from tisserand.common.geography.reference import (
    LISTS_CREDIT,
    Commune,
    Department,
    commune,
    communes_named,
    department_by_name,
    departments,
)

__all__ = [
    "CONTOURS_CREDIT",
    "LISTS_CREDIT",
    "Commune",
    "Department",
    "Outline",
    "commune",
    "communes_named",
    "department_by_name",
    "department_key",
    "department_outline",
    "departments",
    "france_outlines",
    "outlines_together",
    "place_key",
]
