"""The sheet as PDF: it always comes out, tagged, in order, in our fonts, on few pages, and fast."""

import itertools
import re
import threading
from collections.abc import Callable
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents.conftest import running_text
from tisserand.documents import pdf
from tisserand.documents.fonts import font_folders, fonts
from tisserand.documents.pdf import PdfError, typst_pdf
from tisserand.documents.sheet import SHEET_TEMPLATE, sheet_pdf

Make = Callable[..., dict[str, Any]]
Poppler = Callable[..., str]
TEMPLATES = sorted(SHEET_TEMPLATE.parent.glob("*.typ"))
MARKUP = r"#set page(fill: red) $x^2$ *g* _i_ @ref <lab> \ `code` ```raw``` [c] // d /* e */ = H \u{41} #{1}"


def pages(poppler: Poppler, content: bytes) -> int:
    found = re.search(r"^Pages:\s+(\d+)", poppler(content, "pdfinfo"), re.MULTILINE)
    assert found
    return int(found[1])


def words(poppler: Poppler, content: bytes) -> str:
    return re.sub(r"\s+", " ", poppler(content, "pdftotext", after=("-",)))


# ---- What it looks like to a reader ----


def test_it_is_tagged_with_title_and_author(make_sheet: Make, poppler: Poppler) -> None:
    content = sheet_pdf(make_sheet())
    info = poppler(content, "pdfinfo")
    assert re.search(r"Title:\s+La remise aux outils", info)
    assert re.search(r"Author:\s+Les Remises de la Loude", info)
    assert re.search(r"Tagged:\s+yes", info)
    assert b"pdfuaid" in content
    assert b"(fr" in content


def test_tags_follow_the_reading_order(make_sheet: Make, poppler: Poppler) -> None:
    tree = poppler(sheet_pdf(make_sheet()), "pdfinfo", "-struct-text")
    landmarks = (
        "Les Remises de la Loude", "La remise aux outils", "Repère 1", "Repère 9", "RÉSUMÉ", "DESCRIPTION",
        "PARTAGE", "broyeur", "MOYENS", "164", "tiennent la caisse", "USAGES", "SAVOIRS", "LIMITES",
        "PERSPECTIVES", "Relue le", "https://remises.example/fiches/27",
    )  # fmt: skip
    places = [tree.index(f'"{landmark}') for landmark in landmarks]
    assert places == sorted(places)
    assert "Fiche 27 sur 64" not in tree  # the page foot repeats on each page: not read aloud


def test_headings_begin_at_one_and_skip_no_level(make_sheet: Make, poppler: Poppler) -> None:
    tree = poppler(sheet_pdf(make_sheet()), "pdfinfo", "-struct-text")
    levels = [int(level) for level in re.findall(r"^\s*H(\d) ", tree, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert max(levels) == 2


def test_lists_paragraphs_and_the_link_are_tagged_as_such(make_sheet: Make, poppler: Poppler) -> None:
    tree = poppler(sheet_pdf(make_sheet()), "pdfinfo", "-struct-text")
    assert len(re.findall(r"^\s*LI ", tree, re.MULTILINE)) == 9 + 3  # the rail, then the list
    assert re.search(r'Link \(inline\)\s+"https://remises\.example/fiches/27"', tree)
    assert re.search(r'P \(block\)\s+"164"', tree)


def test_a_table_is_one_for_who_listens(make_sheet: Make, poppler: Poppler) -> None:
    table = {"kind": "table", "heads": ["Outil", "Prêt"], "rows": [["Scie", "3 jours"], ["Vrille", "une semaine " * 9]]}
    content = sheet_pdf({**make_sheet(), "sections": [{"label": "Outils", "blocks": [table]}]})
    tree = poppler(content, "pdfinfo", "-struct-text")
    assert len(re.findall(r"^\s*TR$", tree, re.MULTILINE)) == 3
    assert len(re.findall(r"^\s*TH <", tree, re.MULTILINE)) == 2
    assert "3 jours" in words(poppler, content)


def test_all_words_can_be_copied(make_sheet: Make, poppler: Poppler) -> None:
    text = words(
        poppler,
        sheet_pdf({**make_sheet(), "lead": {"label": "R", "paragraphs": ["3\u202f400 outils\u202f; fin‑mai"]}}),
    )
    assert "3 400 outils ; fin-mai" in text
    assert "1/1" in text.replace(" ", "")


def test_only_embedded_fonts_of_ours(make_sheet: Make, poppler: Poppler) -> None:
    rows = poppler(sheet_pdf(make_sheet()), "pdffonts").splitlines()[2:]
    names = {row.split()[0].split("+")[1].split("-")[0] for row in rows}
    assert names == {"Lato", "SourceSerifPro"}


# ---- Lengths ----


@pytest.mark.parametrize(("length", "most"), [(300, 1), (1200, 1), (4000, 2), (6000, 3), (12000, 4)])
def test_the_sheet_stays_short(make_sheet: Make, poppler: Poppler, length: int, most: int) -> None:
    content = sheet_pdf(make_sheet(length))
    assert pages(poppler, content) <= most


def test_a_long_sheet_loses_nothing_and_heads_its_pages(make_sheet: Make, poppler: Poppler) -> None:
    sheet = make_sheet(12000)
    sheet["sections"][0]["blocks"].append({"kind": "p", "text": "dernier mot de la description"})
    text = poppler(sheet_pdf(sheet), "pdftotext", after=("-",))
    assert "dernier mot de la description" in re.sub(r"\s+", " ", text)
    for page in text.split("\f")[1:-1]:
        assert "La remise aux outils" in page
        assert "Fiche n° 27" in page


@pytest.mark.parametrize("length", range(800, 4200, 100))
def test_a_second_page_is_never_for_a_few_lines(make_sheet: Make, poppler: Poppler, length: int) -> None:
    text = poppler(sheet_pdf(make_sheet(length)), "pdftotext", after=("-",))
    printed = text.split("\f")[:-1]
    assert len(printed) == 1 or len(printed[1]) > 500  # the head and the foot of a page make about 150


@pytest.mark.parametrize("length", range(700, 3000, 200))
@pytest.mark.parametrize("lead", [150, 400, 700])
def test_a_long_foot_is_no_reason_for_one_either(make_sheet: Make, poppler: Poppler, lead: int, length: int) -> None:
    sheet = make_sheet(length)
    sheet["lead"]["paragraphs"] = [running_text(lead)]
    sheet["foot"][0]["blocks"] = [{"kind": "p", "text": running_text(400)}]
    text = poppler(sheet_pdf(sheet), "pdftotext", after=("-",))
    printed = text.split("\f")[:-1]
    assert len(printed) == 1 or len(printed[1]) > 500


def test_long_words_and_titles_stay_on_the_page(make_sheet: Make, poppler: Poppler) -> None:
    long_address = "https://remises.example/" + "outils-partages/" * 6
    sheet = make_sheet()
    sheet["title"] = "La grande remise aux outils partagés " * 4 + "x" * 70
    sheet["rail"][0]["values"] = [long_address, "w" * 120, "intergénérationnellement"]
    sheet["figures"] = [
        {"value": "12 345 678 €", "unit": "y" * 50},
        {"value": "trop de mots pour un chiffre"},
    ] * 2
    boxes = poppler(sheet_pdf(sheet), "pdftotext", "-bbox", after=("-",))
    edges = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes)]
    assert max(edges) <= 595.3 - 18 / 25.4 * 72 + 1  # the right margin, and a hair


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("rail",),
        ("lead",),
        ("sections",),
        ("figures",),
        ("band",),
        ("foot",),
        ("rail", "figures"),
        ("address",),
    ],
)
def test_any_part_may_be_missing(make_sheet: Make, parts: tuple[str, ...]) -> None:
    sheet = make_sheet()
    assert sheet_pdf({"title": "Seule", **{part: sheet[part] for part in parts}}).startswith(b"%PDF")


def test_empty_parts_count_as_missing(make_sheet: Make, poppler: Poppler) -> None:
    lists: dict[str, Any] = {key: [] for key in ("rail", "sections", "band", "figures", "foot")}
    empty = dict.fromkeys(("kicker", "number", "title", "address", "footer_left", "accent", "lead"))
    assert pages(poppler, sheet_pdf({**lists, **empty})) == 1


# ---- Nothing of the data is interpreted; every character gives a file ----


def test_markup_is_printed_as_typed(poppler: Poppler) -> None:
    blocks = [{"kind": "p", "text": MARKUP}, {"kind": "list", "items": ["- a", "/ b: c"]}]
    content = sheet_pdf({
        "title": MARKUP[:40],
        "kicker": MARKUP[:30],
        "rail": [{"label": "#l*", "values": ["$v$", "= t"]}],
        "sections": [{"label": "<a>", "blocks": blocks}],
        "figures": [{"value": "#1", "unit": "*u*", "note": "_n_"}],
        "address": "https://x.example/#a)b\"c",
    })  # fmt: skip
    # Without spaces: poppler guesses some of them from the gaps.
    text = words(poppler, content).replace(" ", "")
    assert MARKUP.replace(" ", "") in text
    for typed in ("#l*", "$v$", "= t", "- a", "/ b: c", "#1", "*u*", "_n_", 'https://x.example/#a)b"c'):
        assert typed.replace(" ", "") in text


def test_an_accent_that_is_no_colour_is_ignored(make_sheet: Make) -> None:
    assert sheet_pdf({**make_sheet(), "accent": '#fff"); panic("x'}) == sheet_pdf({**make_sheet(), "accent": None})


def test_characters_without_a_glyph_become_boxes(make_sheet: Make, poppler: Poppler) -> None:
    odd = "Fête 😀 👩\u200d👩\u200d👧 👍🏽 ❤\ufe0f 漢字 தமிழ் \u0378 é\u0488 a\x07b \ud83d fin"
    text = words(poppler, sheet_pdf({**make_sheet(), "title": odd, "lead": {"label": odd, "paragraphs": [odd]}}))
    assert "Fête □ □" in text
    assert "a b" in text
    assert "fin" in text
    assert "é" in words(poppler, sheet_pdf(make_sheet()))  # a refused neighbour taught nothing about é


def test_other_scripts_print(make_sheet: Make, poppler: Poppler) -> None:
    text = "مرحبا بالعالم · שלום · Привет · Ελληνικά · ₂ → ✓"
    printed = words(poppler, sheet_pdf({**make_sheet(), "lead": {"label": "R", "paragraphs": [text]}}))
    assert "□" not in printed
    assert "Привет" in printed
    assert "Ελληνικά" in printed


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=40))
def test_any_text_prints(text: str) -> None:
    block = {"kind": "p", "text": text}
    sheet = {
        "title": text,
        "number": text,
        "rail": [{"label": text, "values": [text]}],
        "lead": {"label": text, "paragraphs": [text]},
        "sections": [{"label": text, "blocks": [block, {"kind": "list", "items": [text]}]}],
        "figures": [{"value": text, "unit": text, "note": text}],
    }
    assert sheet_pdf(sheet).startswith(b"%PDF")


def test_a_sign_that_no_lesson_explains_still_prints(make_sheet: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf._Glyphless, "learn", lambda self, refused: False)
    monkeypatch.setattr(pdf, "_glyphless", pdf._Glyphless())
    assert sheet_pdf({**make_sheet(), "title": "\U0001f9f5 fil"}).startswith(b"%PDF")


# ---- The compiler ----


def test_the_same_data_gives_the_same_bytes(make_sheet: Make) -> None:
    assert sheet_pdf(make_sheet()) == sheet_pdf(make_sheet())


def test_eight_threads_print_at_once(make_sheet: Make) -> None:
    count, rounds = 8, 4
    expected = {n: sheet_pdf({**make_sheet(), "title": f"Titre {n}"}) for n in range(count)}
    start, wrong = threading.Barrier(count), []

    def work(n: int) -> None:
        start.wait()
        for _ in range(rounds):
            try:
                if sheet_pdf({**make_sheet(), "title": f"Titre {n}"}) != expected[n]:
                    wrong.append(f"thread {n} printed another's sheet")
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_packages_are_refused_before_any_download(tmp_path: Path) -> None:
    template = tmp_path / "a.typ"
    template.write_text('#import "@preview/cetz:0.3.0"\n= T')
    with pytest.raises(ValueError, match="packages are never fetched"):
        typst_pdf(template, {})


def test_errors_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No template at"):
        typst_pdf(tmp_path / "none.typ", {})
    template = tmp_path / "bad.typ"
    template.write_text("#unknown-name")
    with pytest.raises(PdfError, match="unknown variable"):
        typst_pdf(template, {})
    template = tmp_path / "untitled.typ"
    template.write_text("= Heading")
    with pytest.raises(PdfError, match="title"):  # PDF/UA is demanded, not hoped for
        typst_pdf(template, {})


def test_an_unknown_block_is_an_error() -> None:
    with pytest.raises(PdfError, match="unknown block kind"):
        sheet_pdf({"title": "T", "sections": [{"label": "L", "blocks": [{"kind": "song"}]}]})


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_import_no_package(template: Path) -> None:
    assert '"@' not in template.read_text(encoding="utf-8")


def test_fonts_are_free_and_have_the_weights_we_set() -> None:
    for package in ("font-lato", "font-source-serif-pro"):
        assert "OFL" in metadata(package)["License"]
    assert len(font_folders()) == 2
    have = {(font.family, font.weight, font.style) for font in fonts().fonts()}
    assert {("Lato", 400, "normal"), ("Lato", 700, "normal")} <= have
    assert {("Source Serif Pro", weight, "normal") for weight in (400, 700, 900)} <= have


def test_the_engine_knows_no_subject() -> None:
    subject = re.compile(
        r"\b(actions?|structures?|séances?|réseaux?|bilans?|livrets?|ateliers?|habitants?|fiches?)\b", re.IGNORECASE
    )
    for path in sorted(SHEET_TEMPLATE.parent.parent.rglob("*")):
        if path.suffix in {".py", ".typ", ".xml"}:
            found = subject.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.name}: {found}"
