"""The sentence around a place in a text."""

import re

# A full stop ends a sentence when a capital or a quotation follows; after one letter ("M. Dupont") it does not.
_END = re.compile(r"(?<!\b\w)[.!?…]+[»”\")]*\s+(?=[A-ZÀ-ÖØ-ÞŒ«“\"(])")
_NEWLINE = re.compile(r"[\r\n]+")


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the sentence of *text* that holds `text[start:end]`; it never goes beyond its line.

    >>> text = "Ouvert le lundi. On compte 12 habitants. Merci."
    >>> first, last = sentence_at(text, 27, 39)
    >>> text[first:last]
    'On compte 12 habitants.'
    """
    line = max((found.end() for found in _NEWLINE.finditer(text, 0, start)), default=0)
    following = _NEWLINE.search(text, end)
    last = following.start() if following else len(text)
    first = max((found.end() for found in _END.finditer(text, line, start)), default=line)
    ending = _END.search(text, end, last)
    return first, len(text[: ending.end()].rstrip()) if ending else last
