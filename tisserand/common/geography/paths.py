"""The little plane geometry a map needs: SVG paths made of straight lines, to points and back."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]
Box = tuple[float, float, float, float]

_TOKEN = re.compile(r"[MmLlHhVvZz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SEPARATORS = re.compile(r"[\s,]*")


def rings(path: str) -> list[Ring]:
    """Return the rings drawn by the `d` of an SVG path; curves are refused with `ValueError`."""
    drawn: list[Ring] = []
    here = start = (0.0, 0.0)
    for command, numbers in _commands(path):
        if command in "Zz":
            here = start
            continue
        for step, point in enumerate(_points(command, numbers, here)):
            here = point
            if command in "Mm" and step == 0:
                start = here
                drawn.append([])
            elif not drawn:
                raise ValueError("an SVG path starts with a move")
            drawn[-1].append(here)
    return [ring for ring in drawn if len(ring) > 2]


def path_of(drawn: Iterable[Sequence[Point]]) -> str:
    """Return the shortest `d` for these rings, their points rounded to integers.

    A ring that rounding flattens to fewer than three points is too small to be seen, and left out.
    """
    pieces: list[str] = []
    for ring in drawn:
        points = [(round(x), round(y)) for x, y in ring]
        kept = [point for index, point in enumerate(points) if point != points[index - 1]]
        if len(kept) < 3:
            continue
        steps = [(right[0] - left[0], right[1] - left[1]) for left, right in pairwise(kept)]
        pieces.append(f"M{_pairs(kept[:1])}l{_pairs(steps)}z")
    return "".join(pieces)


def box_of(drawn: Iterable[Sequence[Point]]) -> Box:
    """Return the left, top, width and height of what is drawn; all zero when nothing is."""
    points = [point for ring in drawn for point in ring]
    if not points:
        return (0.0, 0.0, 0.0, 0.0)
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return (left, top, max(x for x, _ in points) - left, max(y for _, y in points) - top)


def area_of(ring: Sequence[Point]) -> float:
    """Return the area of a ring, signed by its direction."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(ring)) / 2


def label_point(drawn: Sequence[Ring]) -> Point:
    """Return where to write on an area: the centroid of its largest ring, or a point inside it.

    The centroid of a crescent lies outside; there the middle of the widest stretch at the same
    height is taken, so that a number never sits on the neighbour.
    """
    ring = max(drawn, key=lambda one: abs(area_of(one)))
    x, y = _centroid(ring)
    crossings = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in _edges(ring) if (y1 > y) != (y2 > y)
    )
    stretches = list(zip(crossings[::2], crossings[1::2], strict=False))
    if not stretches or any(left < x < right for left, right in stretches):
        return (x, y)
    left, right = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return ((left + right) / 2, y)


def _centroid(ring: Ring) -> Point:
    area = area_of(ring)
    if not area:
        return ring[0]
    weights = [(x1 * y2 - x2 * y1, x1 + x2, y1 + y2) for (x1, y1), (x2, y2) in _edges(ring)]
    return (
        sum(cross * x for cross, x, _ in weights) / (6 * area),
        sum(cross * y for cross, _, y in weights) / (6 * area),
    )


def _edges(ring: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


def _pairs(points: Iterable[tuple[int, int]]) -> str:
    # A minus sign already separates two numbers: no space before it.
    text = " ".join(f"{x} {y}" for x, y in points)
    return text.replace(" -", "-")


def _commands(path: str) -> Iterable[tuple[str, list[float]]]:
    if _SEPARATORS.sub("", _TOKEN.sub("", path)):
        raise ValueError("only straight lines can be read in an SVG path")
    command, numbers = "", list[float]()
    for token in _TOKEN.findall(path):
        if token.isalpha():
            if command:
                yield command, numbers
            command, numbers = token, []
        elif not command:
            raise ValueError("an SVG path starts with a move")
        else:
            numbers.append(float(token))
    if command:
        yield command, numbers


def _points(command: str, numbers: list[float], here: Point) -> Iterable[Point]:
    x, y = here
    relative = command.islower()
    if command in "HhVv":
        for number in numbers:
            if command in "Hh":
                x = number + (x if relative else 0)
            else:
                y = number + (y if relative else 0)
            yield x, y
        return
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = (x + dx, y + dy) if relative else (dx, dy)
        yield x, y
