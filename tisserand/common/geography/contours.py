"""Outlines of the départements of metropolitan France, ready to draw."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tisserand.common.geography.files import shipped_text
from tisserand.common.geography.paths import Ring, box_of, path_of, rings

# To print under any map that uses these outlines: their licence asks for it.
CONTOURS_CREDIT = "Contours : MapSVG, simplifiés, CC BY 4.0"

_SIDE = 1000  # the longest side of everything drawn, so that one style sheet fits every map


@dataclass(frozen=True, slots=True)
class Outline:
    """An area to draw: the `viewBox` that holds it and the `d` of its path."""

    view_box: str
    path: str


def france_outlines() -> dict[str, str]:
    """Return the path of each département of one map of France, by code, on a 1000-unit grid.

    Metropolitan France only: the five overseas départements have no outline in any file shipped
    here. A screen that counts them must say so beside the map.
    """
    return dict(_shipped()[0])


def outlines_together(codes: Iterable[str]) -> dict[str, str]:
    """Return the paths of these départements on one map made for them, such as a region.

    Finer than `france_outlines`, and as large as the page: the four départements around Paris can
    be read and pressed. Codes without an outline are left out.
    """
    detailed = _shipped()[1]
    chosen = {code: rings(detailed[code]) for code in codes if code in detailed}
    return {code: outline.path for code, outline in _fitted(chosen).items()}


def department_outline(code: str) -> Outline | None:
    """Return one département drawn alone; ``None`` overseas and for unknown codes."""
    detailed = _shipped()[1]
    if code not in detailed:
        return None
    return _fitted({code: rings(detailed[code])})[code]


@lru_cache(maxsize=1)
def _shipped() -> tuple[dict[str, str], dict[str, str]]:
    # Two drawings of the same lines: a light one for the whole country, a fine one for its parts.
    data: dict[str, dict[str, str]] = json.loads(shipped_text("contours-departments.json.gz"))
    return data["france"], data["detailed"]


def _fitted(areas: dict[str, list[Ring]]) -> dict[str, Outline]:
    left, top, width, height = box_of(ring for drawn in areas.values() for ring in drawn)
    scale = _SIDE / (max(width, height) or 1)
    view_box = f"0 0 {round(width * scale)} {round(height * scale)}"
    return {
        code: Outline(view_box, path_of([((x - left) * scale, (y - top) * scale) for x, y in ring] for ring in drawn))
        for code, drawn in areas.items()
    }
