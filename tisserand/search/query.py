"""What someone typed, read once: words, phrases in quotes, and the word still being typed."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from tisserand.search.tokens import STOP_WORDS, Stems, words

EXACT = "="  # the mark of words as they were typed, anywhere
MAX_TERMS = 24  # beyond this the rest of what was typed is ignored: a page pasted by mistake
QUOTES = re.compile(r'["«»“”]')
_QUOTED = re.compile(r'["«“]([^"«»“”]*)["»”]')


@dataclass(frozen=True, slots=True)
class Query:
    """All words and all phrases must be there; `prefix` is the last word when it may be unfinished."""

    text: str
    words: tuple[Stems, ...]
    phrases: tuple[tuple[str, ...], ...]
    prefix: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)

    @property
    def tells(self) -> bool:
        """Whether it holds more than words that any text holds; « car », alone, is a conjunction nearly everywhere."""
        return bool(self.phrases) or any(word.word not in STOP_WORDS for word in self.words)

    @property
    def loose(self) -> bool:
        """Whether it also finds words that only resemble what was typed: longer ones, or others of the same stem."""
        return bool(self.prefix) or any(_is_short(word) for word in self.words)

    def clauses(self, mark: str) -> list["Clause"]:
        """What a document must hold, all of it.

        *mark* restricts the words: "" anywhere, "=" anywhere as typed, "_l" in title or lead, "_t" in title. With the
        mark of a place a phrase is told by its words, since only the whole text keeps their order. With any mark,
        words are whole, and short ones are there as typed: CAF is no café.
        """
        place = "" if mark == EXACT else mark
        asked = [sorted(place + stem for stem in _stems(word)) for word in self.words]
        if mark:
            asked += [[f"_w{word.word}{end}" for end in ("", "s", "x")] for word in self.words if _is_short(word)]
        elif self.prefix:
            asked[-1].append(f"_w{self.prefix}*")
        asked += [[place + stem] for phrase in self.phrases if place for stem in phrase]
        phrases = [] if place else [Clause(phrase, in_order=True) for phrase in self.phrases]
        return [Clause(tuple(tokens)) for tokens in asked] + phrases


class Clause(NamedTuple):
    """One thing asked: tokens of which one is enough (`*` ends a beginning of word), or a phrase of them in order."""

    tokens: tuple[str, ...]
    in_order: bool = False


def _stems(word: Stems) -> set[str]:
    """Its stems; the stemmer keeps « jeux » and « lieux » apart from their singulars."""
    found = {word.a, word.b}
    return found | {s + "x" for s in found if s.endswith("eu")} | {s[:-1] for s in found if s.endswith("eux")}


def _is_short(word: Stems) -> bool:
    return len(word.word) <= 3


def parse(text: str) -> Query:
    """Read what was typed. An unclosed quote is an ordinary character."""
    phrases: list[tuple[str, ...]] = []

    def take(match: re.Match[str]) -> str:
        phrase = tuple(word.a for word in words(match.group(1)))[:MAX_TERMS]
        if phrase:
            phrases.append(phrase)
        return " "

    rest = _QUOTED.sub(take, text)
    found = list(dict.fromkeys(words(rest)))[:MAX_TERMS]
    telling = [word for word in found if word.word not in STOP_WORDS] or ([] if phrases else found)
    # The last word may be unfinished unless something follows it.
    unfinished = bool(telling) and bool(rest) and rest[-1].isalnum() and telling[-1] == found[-1]
    prefix = telling[-1].word if unfinished and len(telling[-1].word) > 1 else ""
    return Query(text, tuple(telling), tuple(phrases[:8]), prefix)
