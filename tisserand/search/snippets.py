"""The few words around what was found."""

from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tisserand.common.text import trimmed
from tisserand.common.typography import typo
from tisserand.search.query import Query
from tisserand.search.tokens import WORD, stems

LENGTH = 220
CLOSING = " \u00a0\u202f\n»”)]!?:;,.…–-"


def _targets(query: Query) -> set[str]:
    phrases = {stem for phrase in query.phrases for stem in phrase}
    return phrases | {form for word in query.words for form in (word.a, word.b)}


def _spans(text: str, query: Query) -> list[tuple[int, int]]:
    targets = _targets(query)
    return [
        match.span()
        for match in WORD.finditer(text)
        if any(
            s.a in targets or s.b in targets or (query.prefix and s.word.startswith(query.prefix))
            for s in stems(match.group())
        )
    ]


def marked(text: str, query: Query) -> SafeString:
    """*text* escaped, the words found inside `<mark>`."""
    return _mark(text, _spans(text, query) if query else [])


def snippet(texts: Iterable[str], query: Query) -> SafeString:
    """An excerpt around the first text that holds a word of *query*; without one, the start of the first text."""
    first = ""
    for text in texts:
        first = first or text
        spans = _spans(text, query) if query else []
        if spans:
            return _excerpt(text, spans)
    return _excerpt(first, [])


def _excerpt(text: str, spans: list[tuple[int, int]]) -> SafeString:
    middle = spans[0][0] if spans else 0
    start = 0 if middle < LENGTH // 2 else _word_start(text, middle - LENGTH // 3)
    # An excerpt does not begin with what closes a sentence.
    start += len(text[start:middle]) - len(text[start:middle].lstrip(CLOSING))
    end = len(text) if len(text) - start <= LENGTH + 20 else _word_start(text, start + LENGTH)
    inside = [(max(a, start) - start, b - start) for a, b in spans if a >= start and b <= end]
    body = _mark(trimmed(text[start:end]) if end < len(text) else text[start:].rstrip(), inside)
    return mark_safe(("… " if start else "") + body + ("…" if end < len(text) else ""))  # noqa: S308


def _word_start(text: str, place: int) -> int:
    space = text.find(" ", place, place + 40)
    return space + 1 if space >= 0 else place


def _mark(text: str, spans: list[tuple[int, int]]) -> SafeString:
    parts, last = [], 0
    for start, end in spans:
        parts += [escape(typo(text[last:start])), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    parts.append(escape(typo(text[last:])))
    return mark_safe("".join(parts))  # noqa: S308 - each part was escaped
