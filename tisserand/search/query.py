"""What someone typed, read once: words, phrases in quotes, and the word still being typed."""

import re
from dataclasses import dataclass

from tisserand.search.tokens import STOP_WORDS, Stems, words

MAX_TERMS = 24  # beyond this the rest of what was typed is ignored: a page pasted by mistake
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

    def forms(self, mark: str) -> list[list[str]]:
        """For each thing asked, the tokens of which one is enough; one ending in `*` is a beginning of word.

        With a *mark* (title, lead) a phrase is told by its words, since only the whole text keeps their order.
        """
        asked = [sorted({mark + word.a, mark + word.b}) for word in self.words]
        if self.prefix and not mark:
            asked[-1].append(f"_w{self.prefix}*")
        return asked + [[mark + stem] for phrase in self.phrases if mark for stem in phrase]


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
