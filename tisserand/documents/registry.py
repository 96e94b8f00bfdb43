"""What can be printed: each app registers its documents here, and asks for a file by key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import slugify

from tisserand.documents.text import plain, typographed

Data = dict[str, Any]
Renderer = Callable[[Data], bytes]

CONTENT_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_LONGEST_NAME = 80


class UnknownDocumentError(KeyError):
    """No document under that key, or none in that format; the message lists what exists."""

    def __str__(self) -> str:  # KeyError would print the repr of its message
        return str(self.args[0])


@dataclass(frozen=True)
class DocumentKind:
    """One printable thing: *build* turns a scope into plain data, a renderer per format prints it.

    The file is named after the data's `number` and `title`.
    """

    key: str
    label: str | Promise
    build: Callable[[Any], Data]
    renderers: Mapping[str, Renderer]


@dataclass(frozen=True)
class RenderedDocument:
    """A file ready to be sent: *filename* is ASCII, without spaces."""

    filename: str
    content_type: str
    content: bytes


_kinds: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> DocumentKind:
    """Add *kind*, and return it.

    Raises ValueError if another one holds its key, or if it has a format without a content type.
    """
    if _kinds.get(kind.key, kind) is not kind:
        raise ValueError(f"Two documents are registered as {kind.key!r}")
    strange = sorted(set(kind.renderers) - set(CONTENT_TYPES))
    if strange:
        raise ValueError(f"Document {kind.key!r} has no content type for {', '.join(strange)}")
    _kinds[kind.key] = kind
    return kind


def get(key: str) -> DocumentKind:
    """Return the document registered as *key*; raises UnknownDocumentError, a KeyError."""
    try:
        return _kinds[key]
    except KeyError:
        known = ", ".join(sorted(_kinds)) or "none"
        raise UnknownDocumentError(f"No document {key!r}; registered: {known}") from None


def prepare(kind: DocumentKind, scope: Any) -> Data:
    """Return what is printed of *scope*, typography done: the same data for all formats and for HTML."""
    data: Data = plain(typographed(kind.build(scope)))
    return data


def render(key: str, scope: Any, format: str) -> RenderedDocument:
    """Build the data of *scope* and print it as *format* ("pdf", "odt", "docx").

    Raises UnknownDocumentError for an unknown key or format, and what the builder and renderer raise.
    """
    kind = get(key)
    try:
        renderer = kind.renderers[format]
    except KeyError:
        known = ", ".join(sorted(kind.renderers)) or "none"
        raise UnknownDocumentError(f"Document {key!r} has no format {format!r}; it has: {known}") from None
    data = prepare(kind, scope)
    return RenderedDocument(f"{_stem(data, key)}.{format}", CONTENT_TYPES[format], renderer(data))


def _stem(data: Data, key: str) -> str:
    name = f"{data.get('number') or ''} {data.get('title') or ''}"
    # A title in another script leaves nothing: the key is better than an empty name.
    stem = slugify(name) or slugify(key) or "document"
    return stem[:_LONGEST_NAME].rstrip("-")
