"""One accessible inline SVG map, drawn on the server: no script, no style, classes only."""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString

from tisserand.common.geography.paths import Ring, box_of, label_point, rings
from tisserand.common.typography import thousands

_MARGIN = 8  # room for the strokes and the focus ring of the areas at the edge
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINK = re.compile(r"(?:https?://|[/?#])", re.IGNORECASE)


class Area(NamedTuple):
    """One area of a map; a plain tuple of the same five does as well.

    `css_class` is `map-area` or `map-area is-on`. `label` is what a screen reader says and what a
    pointer shows: it must hold the number with its unit ("Somme : 12 actions"). An area with an
    empty label and no link is scenery, silent. `number` is drawn as it is: ``None`` draws nothing,
    0 draws 0, and a masked number is given as text ("< 5").
    """

    path: str
    css_class: str
    label: str
    href: str | None
    number: int | str | None


AreaLike = tuple[str, str, str, str | None, int | str | None]


def map_svg(areas: Iterable[AreaLike], *, title: str, desc: str) -> str:
    """Return the map as one `<svg>` element, safe to put in a page as it is.

    Without any link the whole map is one picture (`role="img"`) that *title* and *desc* replace for
    those who do not see it; with links it is a group whose areas are reached one by one. In both
    cases the page also gives the same numbers in a table or a list.
    """
    drawn = [(Area(*area), rings(area[0])) for area in areas]
    linked = any(area.href for area, _ in drawn)
    shapes = "".join(_shape(area, linked=linked) for area, _ in drawn)
    # Numbers come last, above every area: a neighbour drawn later would cover them.
    labels = "".join(_number(area, outline) for area, outline in drawn)
    # Two maps may share a page: what they say and show makes their identifiers differ.
    key = "map-" + sha256("\0".join((title, desc, shapes, labels)).encode()).hexdigest()[:10]
    role = "group" if linked else "img"
    return SafeString(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" viewBox="{_view_box(drawn)}" role="{role}"'
        f' aria-labelledby="{key}-t" aria-describedby="{key}-d">'
        f'<title id="{key}-t">{_text(title)}</title><desc id="{key}-d">{_text(desc)}</desc>'
        f'{shapes}<g class="map-labels" aria-hidden="true" pointer-events="none">{labels}</g></svg>'
    )


def _shape(area: Area, *, linked: bool) -> str:
    label = _text(area.label)
    # evenodd: an enclave is a hole whichever way its ring turns.
    start = f'<path class="{_text(area.css_class)}" d="{_text(area.path)}" fill-rule="evenodd"'
    tip = f"<title>{label}</title>" if label else ""
    if area.href:
        if not label:
            raise ValueError("a linked area needs a label")
        return f'<a href="{_href(area.href)}" aria-label="{label}">{start}>{tip}</path></a>'
    if not linked:
        # Inside role="img" nothing is announced: the tip is for the pointer only.
        return f"{start}>{tip}</path>" if tip else f"{start}/>"
    if not label:
        return f'{start} aria-hidden="true"/>'
    return f'{start} role="img" aria-label="{label}">{tip}</path>'


def _number(area: Area, outline: list[Ring]) -> str:
    if area.number is None or not outline:
        return ""
    x, y = label_point(outline)
    written = area.number if isinstance(area.number, str) else thousands(area.number)
    # The baseline is moved by dy, in the size of the text itself: `dominant-baseline` is not
    # honoured by every renderer that turns these maps into print.
    return (
        f'<text class="map-label" x="{round(x)}" y="{round(y)}" dy=".35em" text-anchor="middle">{_text(written)}</text>'
    )


def _view_box(drawn: Sequence[tuple[Area, list[Ring]]]) -> str:
    left, top, width, height = box_of(ring for _, outline in drawn for ring in outline)
    return f"{round(left) - _MARGIN} {round(top) - _MARGIN} {round(width) + 2 * _MARGIN} {round(height) + 2 * _MARGIN}"


def _href(address: str) -> str:
    # Escaping does not disarm "javascript:": only addresses of this site and of the web pass.
    if not _LINK.match(address):
        raise ValueError(f"not an address a map may link to: {address!r}")
    return _text(address)


def _text(text: str) -> str:
    # Control characters are refused by XML, even escaped; they may come from imported names.
    return str(escape(_CONTROLS.sub("", text)))
