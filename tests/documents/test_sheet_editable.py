"""The sheet as ODT and DOCX, reopened with the libraries that read them."""

import itertools
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import odfdo
import pytest
from docx.document import Document as Docx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from tisserand.documents.docx import sheet_docx
from tisserand.documents.flow import flow, frame
from tisserand.documents.odt import sheet_odt

Make = Callable[..., dict[str, Any]]
BOTH = pytest.mark.parametrize("render", [sheet_odt, sheet_docx])
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def open_docx(content: bytes) -> Docx:
    return docx.Document(BytesIO(content))


def open_odt(content: bytes) -> odfdo.Document:
    return odfdo.Document(BytesIO(content))


def xml(content: bytes, part: str) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(part).decode()


def test_both_follow_the_order_of_the_pdf(make_sheet: Make) -> None:
    sheet = make_sheet()
    expected = [text for piece in flow(sheet) for text in piece.texts]
    written = "\n".join(paragraph.text for paragraph in open_docx(sheet_docx(sheet)).paragraphs)
    body = etree.fromstring(xml(sheet_odt(sheet), "content.xml").encode())
    opened = "".join(body.itertext())
    for text in (written, opened):
        at = 0
        for words in expected:
            # ODT writes some spaces as elements; the first words are enough to find the place.
            at = text.index(words.split("\n")[0][:30], at)


def test_a_row_of_a_table_is_a_line_that_says_all() -> None:
    table = {"kind": "table", "heads": ["Outil", "Prêt", "Où"], "rows": [["Scie", "3 jours", "à l'atelier"]]}
    (piece,) = [
        one for one in flow({"title": "T", "sections": [{"label": "", "blocks": [table]}]}) if one.role == "item"
    ]
    assert piece.texts == ("Scie. Prêt : 3 jours. Où : à l'atelier.",)


def test_docx_has_real_headings_lists_and_link(make_sheet: Make) -> None:
    document = open_docx(sheet_docx(make_sheet()))
    styles = [paragraph.style.name for paragraph in document.paragraphs if paragraph.style]
    levels = [int(name[-1]) for name in styles if name.startswith("Heading")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert styles.count("List Bullet") == 3
    links = [link for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    assert [link.address for link in links] == ["https://remises.example/fiches/27"]


def test_docx_says_its_title_author_and_language(make_sheet: Make) -> None:
    content = sheet_docx(make_sheet())
    properties = open_docx(content).core_properties
    assert properties.title == "La remise aux outils"
    assert (properties.author, properties.language) == ("Les Remises de la Loude", "fr-FR")
    assert properties.comments == ""
    assert 'w:lang w:val="fr-FR"' in xml(content, "word/styles.xml")


def test_docx_page_foot_and_fonts(make_sheet: Make) -> None:
    content = sheet_docx(make_sheet())
    section: Any = open_docx(content).sections[0]
    assert round(section.left_margin.mm) == round(section.top_margin.mm) == 18
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    foot = section.footer.paragraphs[0]
    assert foot.text.startswith("Fiche 27 sur 64")
    assert [field.get(f"{W}instr") for field in foot._p.iter(f"{W}fldSimple")] == ["PAGE", "NUMPAGES"]
    assert 'altName w:val="Carlito"' in xml(content, "word/fontTable.xml")


def test_odt_has_real_headings_lists_and_link(make_sheet: Make) -> None:
    body: Any = open_odt(sheet_odt(make_sheet())).body
    levels = [int(header.level) for header in body.headers]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert [header.style for header in body.headers][:2] == ["Heading_20_1", "Heading_20_2"]
    assert [len(found.get_elements("text:list-item")) for found in body.lists] == [3]
    assert [link.url for link in body.get_links()] == ["https://remises.example/fiches/27"]


def test_odt_says_its_title_author_and_language(make_sheet: Make) -> None:
    content = sheet_odt(make_sheet())
    document = open_odt(content)
    assert document.meta.title == "La remise aux outils"
    assert (document.meta.language, document.meta.creator) == ("fr-FR", "Les Remises de la Loude")
    assert document.language == "fr-FR"
    styles = xml(content, "styles.xml")
    assert 'fo:margin-left="18mm"' in styles
    assert "Fiche 27 sur 64" in styles
    assert "Carlito" in styles


def test_every_style_used_exists(make_sheet: Make) -> None:
    odt = sheet_odt(make_sheet())
    used = etree.fromstring(xml(odt, "content.xml").encode()).xpath("//*/@*[local-name()='style-name']")
    named = etree.fromstring(xml(odt, "styles.xml").encode()).xpath("//*/@*[local-name()='name']")
    assert set(used) <= set(named)
    content = sheet_docx(make_sheet())
    document = etree.fromstring(xml(content, "word/document.xml").encode())
    known = etree.fromstring(xml(content, "word/styles.xml").encode()).xpath("//@*[local-name()='styleId']")
    tags = {f"{W}pStyle", f"{W}rStyle"}
    assert {found.get(f"{W}val") for found in document.iter() if found.tag in tags} <= set(known)


def test_the_mimetype_opens_the_odt(make_sheet: Make) -> None:
    with zipfile.ZipFile(BytesIO(sheet_odt(make_sheet()))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        listed = archive.read("META-INF/manifest.xml").decode()
        assert all(name in listed for name in ("content.xml", "styles.xml", "meta.xml"))
        assert "humbnail" not in listed


@BOTH
def test_markup_and_placeholders_are_text(render: Callable[..., bytes]) -> None:
    odd = "<b>&amp; $accent ${footer} ]]> \"'"
    content = render(
        {
            "title": odd,
            "footer_right": odd,
            "sections": [{"label": odd, "blocks": [{"kind": "p", "text": odd}]}],
        }
    )
    part = "content.xml" if render is sheet_odt else "word/document.xml"
    assert "".join(etree.fromstring(xml(content, part).encode()).itertext()).count(odd) == 3


@BOTH
@pytest.mark.parametrize("sheet", [{"title": "Seule"}, {}, {"title": None, "rail": None, "lead": None, "band": []}])
def test_parts_may_be_missing(render: Callable[..., bytes], sheet: dict[str, Any]) -> None:
    assert render(sheet).startswith(b"PK")


@BOTH
def test_an_unknown_block_is_an_error(render: Callable[..., bytes]) -> None:
    with pytest.raises(ValueError, match="Unknown kind of block: 'song'"):
        render({"title": "T", "sections": [{"label": "L", "blocks": [{"kind": "song"}]}]})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=40))
def test_any_text_can_be_edited(text: str) -> None:
    sheet = {
        "title": text,
        "kicker": text,
        "footer_right": text,
        "footer_left": text,
        "rail": [{"label": text, "values": [text, text]}],
        "sections": [{"label": text, "blocks": [{"kind": "list", "items": [text]}]}],
        "figures": [{"value": text, "unit": text, "note": text}],
    }
    assert open_docx(sheet_docx(sheet)).paragraphs
    assert open_odt(sheet_odt(sheet)).body.headers[0].level


@pytest.mark.parametrize(
    ("given_accent", "kept"),
    [("#9C3A2B", "9C3A2B"), ("#9c3a2b", "9C3A2B"), ("red", "1D5B73"), (None, "1D5B73"), ("#12", "1D5B73")],
)
def test_the_accent_is_a_colour_or_the_default(given_accent: str | None, kept: str) -> None:
    assert frame({"title": "T", "accent": given_accent}).accent == kept


def test_english_sheets_say_so() -> None:
    assert frame({"title": "T", "lang": "en"}).locale == "en-GB"
    assert 'w:val="en-GB"' in xml(sheet_docx({"title": "T", "lang": "en"}), "word/styles.xml")
