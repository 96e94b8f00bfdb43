"""French départements: their names and codes, their outlines, and maps drawn as SVG.

Everything is read from compressed files shipped beside the code (sources and licences in
`data/SOURCES.md`), on first use, and kept for the life of the process. A place that is in no list,
invented ones included, is simply not found: lookups return ``None`` or nothing, never an error.
"""

from tisserand.common.geography.contours import CONTOURS_CREDIT, outlines_together
from tisserand.common.geography.reference import Department, department_by_name, department_key, departments

__all__ = [
    "CONTOURS_CREDIT",
    "Department",
    "department_by_name",
    "department_key",
    "departments",
    "outlines_together",
]
