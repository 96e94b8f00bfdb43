"""Lays a sheet out as one line of pieces, in reading order, for the formats that can be edited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEFAULT_ACCENT = "#1D5B73"
_ACCENT = re.compile("#[0-9A-Fa-f]{6}")
_COUNTRIES = {"fr": "FR", "en": "GB"}


@dataclass(frozen=True)
class Piece:
    """A paragraph and its role, which names its style.

    Roles: kicker, title, fact, lead, label (heading 2), text, item, figure, source, link. *texts*
    holds one string, but for fact (label, then values) and figure (value, unit, note).
    """

    role: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """What surrounds the text: metadata, colour (six hex digits), language and page foot."""

    title: str
    author: str
    accent: str
    language: str
    country: str | None
    footer: str

    @property
    def locale(self) -> str:
        """The language tag, as in "fr-FR"."""
        return f"{self.language}-{self.country}" if self.country else self.language


def frame(data: dict[str, Any]) -> Frame:
    """Return the frame of *data*, a `Sheet`; an accent that is no colour gives the default one."""
    accent = str(data.get("accent") or "")
    language = str(data.get("lang") or "fr").split("-")[0].lower()
    title, number, kicker = (str(data.get(key) or "").strip() for key in ("title", "number", "kicker"))
    return Frame(
        title=title or number or "–",
        author=str(data.get("author") or kicker),
        accent=(accent if _ACCENT.fullmatch(accent) else DEFAULT_ACCENT)[1:].upper(),
        language=language,
        country=_COUNTRIES.get(language),
        footer=str(data.get("footer_right") or kicker),
    )


def flow(data: dict[str, Any]) -> Iterator[Piece]:
    """Yield the pieces of *data*, a `Sheet`; raises ValueError for an unknown kind of block."""
    opening = " · ".join(filter(None, (data.get("kicker"), data.get("number"))))
    if opening:
        yield Piece("kicker", (opening,))
    yield Piece("title", (frame(data).title,))
    for fact in data.get("rail") or ():
        yield Piece("fact", (fact["label"], *fact["values"]))
    lead = data.get("lead")
    if lead:
        yield from _heading(lead["label"])
        yield from (Piece("lead", (text,)) for text in lead["paragraphs"])
    yield from _passages(data.get("sections"))
    for figure in data.get("figures") or ():
        yield Piece("figure", (figure["value"], figure.get("unit") or "", figure.get("note") or ""))
    yield from _passages(data.get("band"))
    yield from _passages(data.get("foot"))
    if data.get("footer_left"):
        yield Piece("source", (data["footer_left"],))
    if data.get("address"):
        yield Piece("link", (data["address"],))


def _heading(label: str) -> Iterator[Piece]:
    # An empty heading would be announced, and lead nowhere.
    if label.strip():
        yield Piece("label", (label,))


def _passages(passages: list[dict[str, Any]] | None) -> Iterator[Piece]:
    for passage in passages or ():
        yield from _heading(passage["label"])
        for block in passage["blocks"]:
            yield from _block(block)


def _block(block: dict[str, Any]) -> Iterator[Piece]:
    kind = block["kind"]
    if kind == "p":
        yield Piece("text", (block["text"],))
    elif kind == "list":
        yield from (Piece("item", (item,)) for item in block["items"])
    elif kind == "table":
        # A line for each row: a table of long cells is hard to complete in a word processor.
        for first, *others in block["rows"]:
            told = (f"{head} : {cell}" for head, cell in zip(block["heads"][1:], others, strict=True))
            yield Piece("item", (f"{first}. {'. '.join(told)}.",))
    else:
        raise ValueError(f"Unknown kind of block: {kind!r}")
