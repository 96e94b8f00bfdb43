"""Opening files: formats and encodings recognised, bad input refused in words."""

import io
import json
import random
import tracemalloc
import zipfile

import pytest
import xlsxwriter
from docx import Document

from tests.texts import GARDEN, published
from tisserand.actions.imports.reader import open_records
from tisserand.actions.imports.records import FileRefused, Record

TEXT = published(GARDEN, GARDEN | {"title": "Éveil & œuvres « ciné » — 3 €", "structure": "L'Échappée"})


@pytest.fixture
def read(tmp_path):
    def run(content: bytes, name: str = "fiches.txt") -> tuple[str, list[Record]]:
        path = tmp_path / name
        path.write_bytes(content)
        reading = open_records(path)
        return reading.format, list(reading.records)

    return run


@pytest.mark.parametrize(
    "encode",
    [
        lambda t: t.encode(),
        lambda t: t.encode("utf-8-sig"),
        lambda t: t.encode("utf-16"),
        lambda t: t.encode("utf-16-le"),
        lambda t: t.encode("utf-16-be"),
        lambda t: t.encode("cp1252"),
        lambda t: t.replace("\n", "\r\n").encode(),
        lambda t: t.replace("\n", "\r").encode(),
        lambda t: t.replace("\n- ", "\r\n- ", 9).replace("Actions\n", "Actions\r").encode(),
    ],
)  # fmt: skip
def test_encodings_and_newlines(read, encode):
    kind, records = read(encode(TEXT))
    assert kind == "txt"
    assert [record.title for record in records] == [GARDEN["title"], "Éveil & œuvres « ciné » — 3 €"]
    assert records[0].fields["description"] == GARDEN["description"]


ROWS = [
    ["Titre", "Structure organisatrice", "public", "Mots clés", "Colonne à nous", "Résumé"],
    ["Un", "La Navette", "Adultes|Seniors", "Culture | Santé", "kept", "Ligne 1\nLigne 2"],
    ["Deux", "La Navette", "", "", "", "=1+1"],
]


def as_csv(delimiter: str) -> bytes:
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in ROWS]
    return "\r\n".join(quoted).encode("cp1252")


def as_xlsx(rows: list[list[str]] = ROWS) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number + 1, 0, row)
    return buffer.getvalue()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_separators_of_a_csv_with_or_without_a_mark(read, delimiter, mark):
    encoding = "utf-8" if mark else "cp1252"
    kind, (first, _second) = read(mark + as_csv(delimiter).decode("cp1252").encode(encoding), "table.csv")
    assert kind == "csv"
    assert (first.title, first.fields["public"]) == ("Un", ["Adultes", "Seniors"])


@pytest.mark.parametrize("content", [as_csv(","), as_csv(";"), as_csv("\t"), as_xlsx()])
def test_tables(read, content):
    _kind, (first, second) = read(content, "table.bin")
    assert first.fields["public"] == ["Adultes", "Seniors"]
    assert first.fields["keywords"] == ["Culture", "Santé"]
    assert first.fields["summary"] == "Ligne 1\nLigne 2"
    assert first.extras == [{"label": "Colonne à nous", "after": "", "text": "kept"}]
    assert second.fields["summary"] == "=1+1"
    assert "department" not in second.fields


def test_json_by_list_or_text(read):
    sheets = [{"title": "Un", "structure": "S", "keywords": ["a|b"], "public": "Adultes|Seniors", "inconnu": 3}]
    kind, (record,) = read(json.dumps(sheets).encode())
    assert kind == "json"
    assert record.fields["keywords"] == ["a|b"]
    assert record.fields["public"] == ["Adultes", "Seniors"]
    assert record.extras == [{"label": "inconnu", "after": "", "text": "3"}]


def test_a_key_that_comes_twice_in_a_json_object_is_kept_and_told(read):
    text = '[{"title": "A", "structure": "S", "summary": "un", "summary": "deux", "x": {"a": 1, "a": 2}, "x": 3}]'
    _kind, (record,) = read(text.encode())
    assert record.fields["summary"] == "un"
    assert [(one["label"], one["text"]) for one in record.extras] == [
        ("x", '{"a": 1, "a": 2}'),
        ("summary", "deux"),
        ("x", "3"),
    ]
    assert [message.field for message in record.messages if message.level == "warning"] == ["summary", None]


def test_columns_that_come_twice_are_kept_and_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("titre,structure,Titre,Notes,Notes\nA,S,Autre titre,un,deux\n")
    reading = open_records(path)
    (record,) = reading.records
    assert record.title == "A"
    assert [(one["label"], one["text"]) for one in record.extras] == [
        ("Titre", "Autre titre"), ("Notes", "un"), ("Notes", "deux")
    ]  # fmt: skip
    assert [message.level for message in reading.messages] == ["warning", "info", "warning"]


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_INF", "-INF").replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


REFUSED = {
    "empty": (b"", "vide"),
    "binary": (bytes(range(256)) * 40, "ni un texte ni un tableau"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(500), "image"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "old office": (b"\xd0\xcf\x11\xe0" + bytes(500), "XLSX"),
    "cut in a character": (TEXT.encode()[: TEXT.encode().rindex("é".encode()) + 1], "coupé"),
    "unknown encoding": (b"Actions\n\x81\x8d" + "é".encode("cp1252"), "encodage"),
    "no sheet": (b"Bonjour\n", "Aucune fiche"),
    "one endless line": (b"Actions\n" + b"x" * 1_100_000, "million"),
    "zip that is no workbook": (zipped(a=b"x"), "classeur"),
    "zip bomb": (zipped(xl__workbook_xml=b"\0" * 60_000_000), "trop"),
    "many entries": (zipped(**{f"f{n}": b"" for n in range(2_100)}), "trop"),
    "cut workbook": (as_xlsx()[:-300], "abîmé"),
    "damaged workbook": (as_xlsx().replace(b"PK\x05\x06", b"PK\x05\x07"), "abîmé"),
    "open quote": (b'titre,structure\n"a,b\n', "guillemet"),
    "no title column": (b"structure,public\na,b\n", "Titre"),
    "bad json": (b'[{"title": "a",', "JSON"),
    "deep json": (b"[" * 200_000, "JSON"),
    "json of something else": (b'{"a": 1}', "liste de fiches"),
    "json with a number of a million digits": (b'[{"title": ' + b"9" * 1_000_000 + b"}]", "valeur|million"),
}


def document() -> bytes:
    buffer = io.BytesIO()
    Document().save(buffer)
    return buffer.getvalue()


REFUSED |= {
    "blank": (b" \n\n \n", "vide"),
    "docx": (document(), "document"),
    "odt": (
        zipped(mimetype=b"application/vnd.oasis.opendocument.text", content__xml=b"", META_INF__manifest_xml=b""),
        "classeur",
    ),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(300), "image"),
    "gzip": (b"\x1f\x8b\x08" + bytes(300), "compressée"),
    "rtf": (rb"{\rtf1\ansi Bonjour}", "RTF"),
    "page": (b"\n<!DOCTYPE html><table></table>", "page web"),
    "only headings": (b"Titre;Structure\n", "que ses titres"),
    "only headings, workbook": (as_xlsx(ROWS[:1]), "que ses titres"),
    "one known heading": (b"Titre;Lieu\nA;B\n", "Structure"),
    "utf-16 cut": (TEXT.encode("utf-16")[:-1], "coupe"),
    "json of numbers": (b"[1, 2]", "liste de fiches"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_is_wrong_then_what_to_do(read, name):
    with pytest.raises(FileRefused) as refused:
        read(REFUSED[name][0])
    what, _dot, advice = refused.value.text.partition(". ")
    assert what
    assert advice or name == "no sheet"  # that one says how a sheet begins


@pytest.mark.parametrize("content", [b"Catalogue 2026;;\n\nTitre;Structure\nA;S\n", None], ids=["csv", "xlsx"])
def test_lines_above_the_headings_are_told_and_passed(tmp_path, content):
    path = tmp_path / "table"
    path.write_bytes(content or as_xlsx([["Catalogue 2026"], [], ["Titre", "Structure"], ["A", "S"]]))
    reading = open_records(path)
    (record,) = reading.records
    assert record.title == "A"
    assert "Catalogue 2026" in reading.messages[0].text


def test_a_published_text_that_names_columns_is_still_a_text(read):
    kind, records = read(
        f"Les actions\n{published(GARDEN | {'summary': 'Public, Partenaires'}, header=False)}".encode()
    )
    assert (kind, len(records)) == ("txt", 1)


def test_a_table_in_another_sheet_of_the_workbook_is_told(read):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("Lisez-moi").write_row(0, 0, ["Bonjour"])
        book.add_worksheet("Fiches").write_row(0, 0, ["Titre", "Structure"])
    with pytest.raises(FileRefused, match="Fiches"):
        read(buffer.getvalue())


@pytest.mark.parametrize("name", REFUSED)
def test_bad_files_are_refused_in_words(read, name):
    content, words = REFUSED[name]
    with pytest.raises(FileRefused, match=words):
        read(content)


@pytest.mark.parametrize(
    "sheet",
    [
        {"title": "", "structure": "S"},
        {"title": "T"},
        {"title": "T\u0000", "structure": "S"},
        {"title": "T\ud800", "structure": "S"},
        {"title": "T" * 2_001, "structure": "S"},
        {"title": "T", "structure": "S" * 301},
        {"title": "T", "structure": "S", "summary": {"a": 1}},
        {"title": "T", "structure": "S", "summary": "x" * 200_001},
        {"title": "T", "structure": "S", "keywords": [str(n) for n in range(61)]},
    ],
)
def test_records_that_cannot_be_kept_are_rejected_alone(read, sheet):
    _kind, (bad, good) = read(json.dumps([sheet, {"title": "Bon", "structure": "S"}]).encode())
    assert bad.rejected
    assert bad.messages[-1].level == "error"
    assert not good.rejected


def test_a_row_with_too_many_cells_is_rejected_with_its_line(read):
    _kind, (good, bad) = read(b"titre,structure\nA,S\nB,S,de trop\n")
    assert not good.rejected
    assert bad.rejected
    assert bad.messages[0].line == 3


def mutate(random_: random.Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(random_.randint(1, 12)):
        place = random_.randrange(len(data))
        kind = random_.randrange(5)
        if kind == 0:
            data[place] = random_.randrange(256)
        elif kind == 1:
            del data[place : place + random_.randint(1, 200)]
        elif kind == 2:
            data[place:place] = data[random_.randrange(len(data)) :][: random_.randint(1, 300)]
        elif kind == 3:
            data[place:place] = random_.choice([b"\n- Public\n", b"\nActions\n", b"\r", b"\x00", b"\n-\n", b"|", b'"'])
        else:
            del data[place:]
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("source", ["txt", "csv", "json", "xlsx"])
def test_mutated_files_are_read_or_refused_but_never_crash(read, source, seed):
    sources = {
        "txt": TEXT.encode(),
        "csv": as_csv(";"),
        "json": json.dumps([{**GARDEN, "n": n} for n in range(3)]).encode(),
        "xlsx": as_xlsx(),
    }
    random_ = random.Random(f"{source}{seed}")
    for _ in range(25):
        try:
            read(mutate(random_, sources[source]))
        except FileRefused as refusal:
            assert len(refusal.text) > 15  # says something


def test_a_large_text_is_read_in_little_memory(read, tmp_path):
    path = tmp_path / "large.txt"
    with path.open("w") as file:
        for number in range(1_500):
            file.write(published(GARDEN | {"title": f"Fiche {number}"}, header=False))
    tracemalloc.start()
    count = sum(1 for _record in open_records(path).records)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1_500
    assert path.stat().st_size > 1_600_000
    assert peak < 9_000_000
