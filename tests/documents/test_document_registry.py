"""Registering documents, and asking for a file."""

from typing import Any

import pytest

from tisserand.documents import registry
from tisserand.documents.registry import DocumentKind, UnknownDocumentError


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {})


def kind(key: str = "note", **changes: Any) -> DocumentKind:
    settings = {
        "label": "Note",
        "build": lambda scope: {"lang": "fr", "title": scope},
        "renderers": {"pdf": lambda data: f"{data['title']} {data}".encode()},
    }
    return DocumentKind(key=key, **{**settings, **changes})


def test_a_registered_kind_is_found() -> None:
    note = registry.register(kind())
    assert registry.get("note") is note
    assert registry.register(note) is note  # the same one again: an app loaded twice


def test_two_kinds_cannot_share_a_key() -> None:
    registry.register(kind())
    with pytest.raises(ValueError, match="Two documents are registered as 'note'"):
        registry.register(kind())


def test_a_format_needs_a_content_type() -> None:
    with pytest.raises(ValueError, match="no content type for rtf"):
        registry.register(kind(renderers={"rtf": lambda data: b""}))


def test_errors_list_what_exists() -> None:
    registry.register(kind())
    with pytest.raises(KeyError) as missing:
        registry.get("letter")
    assert str(missing.value) == "No document 'letter'; registered: note"
    with pytest.raises(UnknownDocumentError, match="has no format 'odt'; it has: pdf"):
        registry.render("note", "x", "odt")


def test_render_spaces_the_words_and_names_the_file() -> None:
    registry.register(kind())
    made = registry.render("note", "L'été : enfin !", "pdf")
    assert made.filename == "lete-enfin.pdf"
    assert made.content_type == "application/pdf"
    assert made.content.decode().startswith("L’été\u00a0: enfin\u202f!")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"number": "Fiche n° 27", "title": "Œuvres & jeux"}, "fiche-n-27-uvres-jeux.pdf"),
        ({"title": "مرحبا"}, "note.pdf"),
        ({"title": "mot " * 60}, "mot-" * 19 + "mot.pdf"),
        ({"title": '../../etc/passwd\n"x"'}, "etcpasswd-x.pdf"),
    ],
)
def test_file_names_are_short_and_safe(data: dict[str, Any], name: str) -> None:
    registry.register(kind(build=lambda scope: data))
    assert registry.render("note", None, "pdf").filename == name
