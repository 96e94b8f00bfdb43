"""The drawings of the interface, and the rules that its files keep."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import tisserand.common
from tisserand.common.templatetags.ui import (
    bar_chart,
    breakable,
    cloth_svg,
    data_table,
    lower_first,
    mark,
    notice_kind,
    percent,
    threads_svg,
)

COMMON = Path(tisserand.common.__file__).parent
STATIC = COMMON / "static" / "tisserand"
TEMPLATES = sorted((COMMON.parent).rglob("templates/**/*.html"))

CSS_LIMIT = 6_500  # bytes, compressed
JS_LIMIT = 2_000


def paths(svg: str) -> dict[str, str]:
    """The data of each path, by class."""
    return {path.get("class", ""): path.get("d", "") for path in ElementTree.fromstring(svg)}


def strokes(data: str) -> int:
    return data.count("v")


@pytest.mark.parametrize(("numerator", "denominator"), [(9, 12), (1, 29), (24, 42), (59, 60)])
def test_threads_draw_one_stroke_per_unit(numerator: int, denominator: int) -> None:
    drawn = paths(threads_svg(numerator, denominator))

    assert strokes(drawn["full"]) == numerator
    assert strokes(drawn["rest"]) == denominator - numerator


def test_threads_of_zero_and_of_all() -> None:
    none, every = paths(threads_svg(0, 42)), paths(threads_svg(42, 42))

    assert list(none) == ["rest"]
    assert strokes(none["rest"]) == 42
    assert list(every) == ["full"]
    assert strokes(every["full"]) == 42


def test_threads_start_where_the_counted_ones_stop() -> None:
    assert paths(threads_svg(9, 12))["rest"].startswith("M9.5 2v6")


@pytest.mark.parametrize(("denominator", "width"), [(1, 14), (29, 406), (30, None), (60, None)])
def test_threads_keep_their_size_under_thirty(denominator: int, width: int | None) -> None:
    drawn = ElementTree.fromstring(threads_svg(1, denominator))

    assert drawn.get("width") == (str(width) if width else None)


def test_threads_above_sixty_are_a_bar_on_a_line() -> None:
    drawn = paths(threads_svg(1348, 2105))

    assert drawn == {"solid": "M0 0h1348v10h-1348z", "line": "M1348 9.7h757"}
    assert list(paths(threads_svg(0, 61))) == ["line"]
    assert list(paths(threads_svg(61, 61))) == ["solid"]


@pytest.mark.parametrize("denominator", [0, -1])
def test_threads_draw_nothing_without_a_base(denominator: int) -> None:
    assert threads_svg(3, denominator) == ""


def test_threads_never_leave_their_frame() -> None:
    assert threads_svg(50, 42) == threads_svg(42, 42)
    assert threads_svg(-1, 42) == threads_svg(0, 42)


def test_threads_are_silent() -> None:
    assert 'aria-hidden="true"' in threads_svg(9, 12)


def full_cells(svg: str) -> float:
    """Crossings drawn full, from the length of their segments."""
    lengths = [float(length) for length in re.findall(r"h([\d.]+)", paths(svg)["full"])]
    return sum((length + 1.2) / 10 for length in lengths)


def test_cloth_fills_each_true_crossing() -> None:
    matrix = [[True, True, False, True], [False, False, False, False], [False, True, True, True]]

    drawn = cloth_svg(matrix, "Toile")

    assert full_cells(drawn) == pytest.approx(6)
    assert paths(drawn)["full"] == "M0.6 10h18.8M30.6 10h8.8M10.6 50h28.8"


def test_cloth_empty_and_full() -> None:
    assert paths(cloth_svg([[False] * 42] * 12, "Toile"))["full"] == ""
    assert full_cells(cloth_svg([[True] * 42] * 12, "Toile")) == pytest.approx(504)
    assert cloth_svg([], "Toile") == ""
    assert cloth_svg([[], []], "Toile") == ""


def test_cloth_of_rows_of_different_lengths() -> None:
    drawn = cloth_svg([[True], [True, True, True]], "Toile")

    assert 'viewBox="0 0 30 40"' in drawn
    assert full_cells(drawn) == pytest.approx(4)


def test_cloth_is_named_and_its_name_is_escaped() -> None:
    drawn = cloth_svg([[True] * 42], 'L"été <b>')

    assert 'role="img"' in drawn
    assert 'aria-label="L&quot;été &lt;b&gt;"' in drawn


def test_a_sparse_cloth_keeps_its_natural_width() -> None:
    assert ' width="192"' in cloth_svg([[True] * 6] * 12, "Toile")
    assert ' width="' not in cloth_svg([[True] * 24] * 12, "Toile").replace("stroke-width", "")


def test_mark_escapes_what_people_wrote() -> None:
    assert mark("<i>", "a") == "<mark>&lt;i&gt;<sup>a</sup></mark>"
    assert mark("29 séances", "e", bad=True).startswith('<mark class="bad">')


def test_table_groups_whole_numbers_and_knows_its_numeric_columns() -> None:
    table = data_table("Présences", [("Mois", False), ("Avec nom", True)], [["2024", 1012]])

    assert [cell.value for cell in table["rows"][0]] == ["2024", "1\u202f012"]
    assert [cell.numeric for cell in table["rows"][0]] == [False, True]


def row(label: str, numerator: int, denominator: int, rate: int | None) -> SimpleNamespace:
    return SimpleNamespace(label=label, numerator=numerator, denominator=denominator, rate=rate)


def test_bar_chart_says_its_base_once_when_it_is_the_same() -> None:
    chart = bar_chart([row("Jardins", 11, 42, 26)], caption="", heading="Thème", unit="Structures")

    assert len(chart["columns"]) == 3
    assert chart["lines"] == [["Jardins", 11, "26\u00a0%"]]


def test_bar_chart_says_each_base_when_they_differ() -> None:
    bars = [row("Familles", 9, 12, None), row("Adultes", 14, 19, None)]

    chart = bar_chart(bars, caption="", heading="Public", unit="Revenus")

    assert len(chart["columns"]) == 4
    assert chart["lines"][1] == ["Adultes", 14, 19, "–"]


def test_small_filters() -> None:
    assert percent(0) == "0\u00a0%"
    assert lower_first("Saisissez une date.") == "saisissez une date."
    assert lower_first("CAF : non trouvée.") == "CAF : non trouvée."
    assert lower_first("") == ""
    assert [notice_kind(level) for level in ("success", "warning", "error", "debug")] == [
        "done",
        "wait",
        "error",
        "info",
    ]


def compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))


def test_the_stylesheet_and_the_script_stay_light() -> None:
    assert compressed(STATIC / "tisserand.css") <= CSS_LIMIT
    assert compressed(STATIC / "tisserand.js") <= JS_LIMIT


def test_the_stylesheet_calls_no_other_address() -> None:
    sheet = (STATIC / "tisserand.css").read_text(encoding="utf-8")

    assert "@import" not in sheet
    assert all(address.startswith('"data:image/') for address in re.findall(r"url\(([^)]*)", sheet))


class Attributes(HTMLParser):
    """Collect the names of attributes, and the scripts that have no source."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.inline_scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        self.names |= names
        kind = dict(attrs).get("type") or ""
        self.inline_scripts += tag == "style" or (tag == "script" and "src" not in names and "json" not in kind)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_respect_the_content_security_policy(path: Path) -> None:
    parser = Attributes()
    parser.feed(re.sub(r"{%.*?%}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL))

    assert "style" not in parser.names
    assert not [name for name in parser.names if name.startswith("on")]
    assert not parser.inline_scripts or path.name == "export.html"  # a file that one takes away: nothing beside it


def test_an_address_breaks_at_its_signs_and_stays_escaped() -> None:
    told = breakable('a.b@c.example/"<')
    assert told == "a<wbr>.b@<wbr>c<wbr>.example/<wbr>&quot;&lt;"
