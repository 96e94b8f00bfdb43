"""Drawing and small logic for the components of the interface.

Everything that is drawn (threads, cloth) is one SVG string made here: sizes travel in SVG attributes,
because the content security policy forbids inline style.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from django import template
from django.core.paginator import Page
from django.template import RequestContext
from django.template.defaultfilters import capfirst
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tisserand.common.templatetags.typography import fr, typo_filter
from tisserand.common.typography import NBSP, thousands

register = template.Library()

UNIT_WIDTH = 14  # px given to one unit of a small base
SMALL_BASE = 30  # below: UNIT_WIDTH px per unit, aligned at the start
LARGE_BASE = 60  # above: a solid bar, since nobody counts that many strokes
SPARSE_CLOTH = 24  # columns under which a cloth keeps its natural width
SPARSE_COLUMN = 32  # px
COLUMN, ROW = 10, 20  # one crossing of the cloth, in SVG units


# Threads: the base of a rate, one stroke per unit


def threads_svg(numerator: int, denominator: int) -> SafeString:
    """Draw `numerator` full strokes out of `denominator`; nothing when there is no base.

    Hidden from assistive technology: the same words always stand beside.
    """
    if denominator <= 0:
        return SafeString("")
    counted = max(0, min(numerator, denominator))
    rest = denominator - counted
    if denominator > LARGE_BASE:
        paths = _path("solid", f"M0 0h{counted}v10h-{counted}z" if counted else "")
        paths += _path("line", f"M{counted} 9.7h{rest}" if rest else "")
    else:
        paths = _path("full", _strokes(0, counted, top=0, height=10))
        paths += _path("rest", _strokes(counted, rest, top=2, height=6))
    width = f' width="{denominator * UNIT_WIDTH}"' if denominator < SMALL_BASE else ""
    return mark_safe(  # noqa: S308 - integers only
        f'<svg class="threads"{width} viewBox="0 0 {denominator} 10" '
        f'preserveAspectRatio="none" aria-hidden="true">{paths}</svg>'
    )


def _strokes(start: int, count: int, *, top: int, height: int) -> str:
    """Vertical strokes in the middle of `count` units from `start`, as one path."""
    if not count:
        return ""
    return f"M{start}.5 {top}v{height}" + f"m1-{height}v{height}" * (count - 1)


def _path(name: str, data: str) -> str:
    return f'<path class="{name}" d="{data}"/>' if data else ""


@register.simple_tag
def threads(numerator: int | None, denominator: int | None) -> SafeString:
    """`{% threads 9 12 %}`"""
    return threads_svg(numerator or 0, denominator or 0)


# Cloth: a season as data, one column per structure, one row per month


def cloth_svg(matrix: Sequence[Sequence[bool]], label: str) -> SafeString:
    """Weave `matrix` (rows of columns): a crossing is full where the value is true.

    Three strokes do it all. Veil weft rows, warp lines and full cells are dashed lines, as wide as
    the row or the cloth; a run of neighbouring cells costs one short segment.
    """
    rows, columns = len(matrix), max((len(row) for row in matrix), default=0)
    if not rows or not columns:
        return SafeString("")
    width, height = columns * COLUMN, rows * ROW
    size = mark_safe(f' width="{columns * SPARSE_COLUMN}"') if columns < SPARSE_CLOTH else ""  # noqa: S308
    return format_html(
        '<svg class="weave"{} viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="veil" stroke-width="{}" stroke-dasharray="13 7" d="M{} 3.5V{}"/>'
        '<path class="warp" stroke-width="{}" stroke-dasharray="4.4 5.6" d="M2.8 {}H{}"/>'
        '<path class="full" stroke-width="13" stroke-dasharray="8.8 1.2" d="{}"/></svg>',
        *(size, width, height, label),
        *(width, width // 2, height),
        *(height, height // 2, width),
        "".join(_row_path(row, index * ROW + ROW // 2) for index, row in enumerate(matrix)),
    )


def _row_path(row: Sequence[bool], middle: int) -> str:
    """One segment per run of full crossings; dashes start again at each segment."""
    segments, start = [], None
    for index, full in enumerate([*row, False]):
        if full and start is None:
            start = index
        elif not full and start is not None:
            segments.append(f"M{start * COLUMN}.6 {middle}h{(index - start) * COLUMN - 1.2:.1f}")
            start = None
    return "".join(segments)


@register.simple_tag
def weave(matrix: Sequence[Sequence[bool]], label: str) -> SafeString:
    """`{% weave cloth.matrix cloth.label %}`"""
    return cloth_svg(matrix, label)


# Tables and charts: the same rows, drawn and written


class Column(NamedTuple):
    """A heading; numbers stand at the right."""

    label: str
    numeric: bool = False


class Cell(NamedTuple):
    """A value under its column."""

    value: Any
    numeric: bool


@register.inclusion_tag("components/table.html")
def data_table(
    caption: str,
    columns: Iterable[Sequence[Any]],
    rows: Iterable[Sequence[Any]],
    total: Sequence[Any] = (),
    dense: bool = False,
    even: bool = False,
) -> dict[str, Any]:
    """A real table. `columns` are (label, numeric) pairs; the first cell of a row is its heading."""
    heads = [Column(*column) for column in columns]
    return {
        "caption": caption,
        "columns": heads,
        "rows": [_cells(row, heads) for row in rows],
        "total": _cells(total, heads),
        "dense": dense,
        "even": even,
    }


def _cells(row: Sequence[Any], columns: Sequence[Column]) -> list[Cell]:
    """Whole numbers are grouped by thousands: give a year as text."""
    return [
        Cell(thousands(value) if type(value) is int else value, column.numeric)
        for value, column in zip(row, columns, strict=False)
    ]


@register.inclusion_tag("components/bars.html")
def bar_chart(
    rows: Iterable[Any], *, caption: str, heading: str, unit: str, note: str = "", shown: int | None = None
) -> dict[str, Any]:
    """Bars beside their table. `rows` have label, numerator, denominator, rate (None: count only), maybe evidence.

    Only the first `shown` rows are drawn; the table tells them all.
    """
    every = list(rows)
    bars = every[:shown]
    bases = {row.denominator for row in every}
    columns: list[tuple[str, bool]] = [(heading, False), (unit, True)]
    if len(bases) == 1:
        columns += [(_("Part sur %(base)s") % {"base": thousands(bases.pop())}, True)]
        lines = [[row_label(row), _linked(row), percent(row.rate)] for row in every]
    else:
        columns += [(_("Base"), True), (_("Part"), True)]
        lines = [[row_label(row), _linked(row), row.denominator, percent(row.rate)] for row in every]
    return {"bars": bars, "caption": caption, "columns": columns, "lines": lines, "note": note}


@register.filter
def row_label(row: Any) -> SafeString:
    """The label of a row of figures, which is in French when people wrote it (`row.written`)."""
    label = capfirst(row.label)
    return fr(label) if getattr(row, "written", False) else typo_filter(label)


def _linked(row: Any) -> Any:
    """The number of a row, leading to what it counts when the row says where that is."""
    evidence = getattr(row, "evidence", "")
    return format_html('<a href="{}">{}</a>', evidence, thousands(row.numerator)) if evidence else row.numerator


# The way back, and the pages of a list


@register.inclusion_tag("components/breadcrumb.html")
def trail(*crumbs: str) -> dict[str, Any]:
    """`{% trail label url label url label %}`: the way to this page; a label without an address is the page itself."""
    return {"crumbs": [{"label": label, "url": url} for label, url in zip_longest(crumbs[::2], crumbs[1::2])]}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pages(
    context: RequestContext,
    page: Page[Any],
    anchor: str = "",
    *,
    files: bool = False,
    label: str = "",
    name: str = "page",
) -> dict[str, Any]:
    """`{% pages page "#list" %}`: the pages before and after, of sheets or of files; the address keeps the rest.

    Args:
        label: what these are pages of, for anything else than sheets and files.
        name: as in `page_of`.
    """

    def address(number: int) -> str:
        query = context.request.GET.copy()
        query[name] = str(number)
        query.pop("fini", None)  # what was just done is told once
        return f"?{query.urlencode()}{anchor}"

    return {
        "files": files,
        "label": label,
        "start": page.start_index(),
        "end": page.end_index(),
        "total": page.paginator.count,
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


# Filters


@register.filter
def percent(rate: int | None) -> str:
    """`57 %`, or an en dash where the base is too small for a rate."""
    if rate is None:
        return "–"
    return f"{rate}{NBSP}%"


@register.filter
def lower_first(text: Any) -> str:
    """A sentence that follows a colon: « Erreur : cette date… ». Acronyms keep their capitals."""
    sentence = str(text)
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail or web address that a narrow column breaks at its signs, never inside a word."""
    return mark_safe(re.sub(r"(?<=[@/])|(?=[.])", "<wbr>", conditional_escape(address)))  # noqa: S308


@register.filter
def notice_kind(level_tag: str) -> str:
    """The kind of notice (info, wait, error, done) for a level of Django's messages."""
    return {"error": "error", "warning": "wait", "success": "done"}.get(level_tag, "info")


# Marks: what was found in someone's own words


@register.simple_tag
def mark(text: str, letter: str, *, bad: bool = False) -> SafeString:
    """`{% mark "salle Garenne" "c" %}`, with `bad=True` when it contradicts a record."""
    attribute = mark_safe(' class="bad"' if bad else "")  # noqa: S308 - constants
    return format_html("<mark{}>{}<sup>{}</sup></mark>", attribute, text, letter)
