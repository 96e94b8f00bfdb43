"""Outlines of the départements of metropolitan France, ready to draw."""

import json
from collections.abc import Iterable
from functools import lru_cache

from tisserand.common.geography.files import shipped_text
from tisserand.common.geography.paths import box_of, path_of, rings

# To print under any map that uses these outlines: their licence asks for it.
CONTOURS_CREDIT = "Contours : MapSVG, simplifiés, CC BY 4.0"

_SIDE = 1000  # the longest side of everything drawn, so that one style sheet fits every map


def outlines_together(codes: Iterable[str]) -> dict[str, str]:
    """Return the paths of these départements on one map made for them, such as a region.

    Codes without an outline are left out: those overseas have none in any file shipped here. A
    screen that counts them must say so beside the map.
    """
    shipped = _shipped()
    areas = {code: rings(shipped[code]) for code in codes if code in shipped}
    left, top, width, height = box_of(ring for drawn in areas.values() for ring in drawn)
    scale = _SIDE / (max(width, height) or 1)
    return {
        code: path_of([((x - left) * scale, (y - top) * scale) for x, y in ring] for ring in drawn)
        for code, drawn in areas.items()
    }


@lru_cache(maxsize=1)
def _shipped() -> dict[str, str]:
    paths: dict[str, str] = json.loads(shipped_text("contours-departments.json.gz"))
    return paths
