"""Two versions of a text side by side: the words that differ stand out, long passages that do not are folded."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tisserand.common.typography import typo

AROUND = 8  # words kept on each side of a difference; a passage that both texts share is folded beyond
FOLDED = 6  # words at least: fewer are no longer than the sign that replaces them
ISLAND = 3  # characters: what both texts share between two differences is part of them when it is no longer
MOST = 3_000  # words compared; of longer texts, all between their shared beginning and end is one difference
_WORD = re.compile(r"\d+(?: \d{3})+\S*|\n|\S+")  # 2 100 is one word
Side = Literal["before", "after"]
Part = tuple[bool, Sequence[str], Sequence[str]]  # whether both say the same, the words before, the words after


def differences(before: str, after: str, *, change: bool = True) -> tuple[SafeString, SafeString]:
    """Both texts as HTML: what was taken away in `del`, what was added in `ins`.

    Args:
        change: False when neither text replaces the other: what differs is only set in bold.
    """
    parts = _parts(_WORD.findall(before), _WORD.findall(after))
    if not change and not _have_much_in_common(parts):
        return format_html("{}", typo(before)), format_html("{}", typo(after))
    return _written(parts, "before", change), _written(parts, "after", change)


def differences_of_lists(
    before: Sequence[str], after: Sequence[str], *, change: bool = True
) -> tuple[SafeString, SafeString]:
    """Like `differences`, for lists whose order means nothing: each value is kept, taken away or added."""

    def side(values: Sequence[str], others: Sequence[str], name: Side) -> SafeString:
        return format_html_join(
            ", ", "{}", ((typo(value) if value in others else _marked(value, name, change),) for value in values)
        )

    return side(before, after, "before"), side(after, before, "after")


def _have_much_in_common(parts: list[Part]) -> bool:
    """Whether most words stand in both texts: where they do not, bold everywhere would show nothing."""
    shared = sum(len(before) for same, before, _after in parts if same)
    return 2 * shared >= max(sum(len(before) for _same, before, _after in parts), sum(len(p[2]) for p in parts))


def _parts(before: list[str], after: list[str]) -> list[Part]:
    """Cut two lists of words where they part and meet again."""
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    middle = before[start : len(before) - end], after[start : len(after) - end]
    last = before[len(before) - end :]
    if len(middle[0]) + len(middle[1]) > MOST:
        found: list[Part] = [(False, *middle)]
    else:
        found = _compared(*middle)
    return _joined([(True, before[:start], before[:start]), *found, (True, last, last)])


def _shared(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words two lists share before they part."""
    for rank, (one, other) in enumerate(zip(before, after, strict=False)):
        if one != other:
            return rank
    return min(len(before), len(after))


def _compared(before: list[str], after: list[str]) -> list[Part]:
    matcher = SequenceMatcher(None, before, after)
    return [(tag == "equal", before[i:j], after[k:end]) for tag, i, j, k, end in matcher.get_opcodes()]


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Differences that touch, or that a small word keeps apart, are one."""
    kept = [part for part in parts if part[1] or part[2]]
    made: list[Part] = []
    for rank, (same, before, after) in enumerate(kept):
        inside = 0 < rank < len(kept) - 1
        alike = same and not (inside and len(" ".join(before)) <= ISLAND)
        if made and made[-1][0] == alike:
            made[-1] = (alike, [*made[-1][1], *before], [*made[-1][2], *after])
        else:
            made.append((alike, before, after))
    return made


def _written(parts: list[Part], side: Side, change: bool) -> SafeString:
    told = []
    for rank, (same, before, after) in enumerate(parts):
        words = before if side == "before" else after
        if same:
            text = typo(_text(_folded(words, first=rank == 0, last=rank == len(parts) - 1)))
            told.append(format_html("{}", text))
        elif words:
            told.append(_marked(" ".join(_text(words).split()) or "↵", side, change))
    return format_html_join(" ", "{}", ((text,) for text in told))


def _marked(text: str, side: Side, change: bool) -> SafeString:
    """A difference, heard as well as seen."""
    if not change:
        return format_html("<strong>{}</strong>", typo(text))
    if side == "before":
        return format_html('<del><span class="sr">{} </span>{}</del>', _("[retiré :]"), typo(text))
    return format_html('<ins><span class="sr">{} </span>{}</ins>', _("[ajouté :]"), typo(text))


def _folded(words: Sequence[str], *, first: bool, last: bool) -> Sequence[str]:
    """A shared passage without its middle: words stay only beside the differences."""
    before, after = 0 if first else AROUND, 0 if last else AROUND
    if len(words) - before - after < FOLDED:
        return words
    return [*words[:before], "…", *words[len(words) - after :]]


def _text(words: Sequence[str]) -> str:
    return " ".join(words).replace(" \n ", "\n").replace(" \n", "\n").replace("\n ", "\n")
