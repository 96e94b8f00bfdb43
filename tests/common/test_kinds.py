"""Files made so that reading them would never end: each is read, or refused, in the time of an honest one."""

import io
import zipfile

import pytest

from tests.deposits import packed, pdf
from tisserand.common.files.kinds import Unwelcome, recognise

MANY = 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"/ObjStm " * MANY,
        b"/ObjStm stream\n" * MANY,
        b"/ObjStm stream\n" * MANY + b"endstream",
        b"/ObjStm stream\nendstream " * (MANY // 4),
    ],
    ids=["no stream", "no end", "one end for all", "as many ends"],
)
def test_a_pdf_of_names_of_packed_objects(body):
    try:
        assert recognise(io.BytesIO(pdf(body))).extension == "pdf"
    except Unwelcome as refused:
        assert "abîmé" in str(refused)


def test_what_is_packed_after_such_names_is_read_still():
    with pytest.raises(Unwelcome, match="programme"):
        recognise(io.BytesIO(pdf(b"% /ObjStm stream\n" + packed(b"<</S/JavaScript/JS(app.alert(1))>>"))))


def test_a_document_of_relations_that_never_close():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "wordprocessingml.document.main+xml")
        archive.writestr("word/document.xml", "<Relationship " * MANY)
    with pytest.raises(Unwelcome):
        recognise(file)
