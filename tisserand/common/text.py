"""Comparing French text whatever its accents, case, apostrophes and spaces."""

import re
from functools import cache

from anyascii import anyascii

# XML 1.0 cannot hold these characters at all, even escaped.
FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_TRAILING = re.compile(r"[\s.,;:!?…(\[«–-]+$")
_LONGEST_NUMBER = 18  # digits of what 64 bits hold, whatever they are
_NEWLINES = re.compile(r"\r\n|\r|\n")
# All but the null, which no database keeps (what holds one is refused), and the tab, which breaks no line.
_CONTROL = re.compile("[\x01-\x08\n-\x1f\x7f-\x9f\u2028\u2029]")
_LATIN = [chr(code) for code in (*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xC0, 0x180))]


def fold(text: str) -> str:
    """Return *text* in lower-case ASCII words joined by one space.

    >>> fold("  Éducation / Scolarité : l’œuvre ")
    'education scolarite l oeuvre'
    """
    return _NOT_WORD.sub(" ", anyascii(text).lower()).strip()


def spellings(text: str) -> str:
    """A regular expression that finds *text* whatever its case and its accents, in Python and in both databases.

    SQLite compares only ASCII letters whatever their case, and neither database knows an accent.

    >>> bool(re.search(spellings("Élodie Nœl"), "ELODIE NŒL"))
    True
    """
    return "".join(_like(character) for character in text)


@cache
def _like(character: str) -> str:
    """What is read as *character*: `É` as `e`, but not the two letters of `œ`."""
    plain = anyascii(character).lower()
    if character not in _LATIN:
        return re.escape(character)
    return f"[{''.join(one for one in _LATIN if anyascii(one).lower() == plain)}]"


def slug(text: str, *, limit: int = 80) -> str:
    """Return an address-safe form of *text*, cut at a word; never empty.

    >>> slug("Démocratie & citoyenneté")
    'democratie-citoyennete'
    """
    folded = fold(text).replace(" ", "-")
    if len(folded) > limit:
        folded = folded[:limit].rsplit("-", 1)[0]
    return folded or "sans-nom"


def shorten(text: str, limit: int) -> str:
    """The beginning of *text* on one line, cut after a whole word that no punctuation follows.

    >>> shorten("On trie les palettes. Puis on ponce.", 30)
    'On trie les palettes. Puis on…'
    >>> shorten("On trie les palettes. Puis on ponce.", 24)
    'On trie les palettes…'
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return trimmed(line[: limit + 1].rsplit(" ", 1)[0][:limit]) + "…"


def one_line(text: str) -> str:
    """*text* without line breaks and control characters (a tab stays): the words around them are parted by a space.

    The other spaces stay as they are: some are no-break, and someone may have put them.

    >>> one_line("Le jardin \\r\\n partagé\\u2028d'hiver\\n"), one_line(" 3  ans ")
    ("Le jardin partagé d'hiver", ' 3  ans ')
    """
    parts = _CONTROL.split(text)
    return " ".join(filter(None, (part.strip(" ") for part in parts))) if len(parts) > 1 else text


def number_in(text: str) -> int | None:
    """The whole number that an address or a form sends, small enough for a database; None for anything else.

    >>> number_in("12"), number_in("-1"), number_in("²"), number_in("9" * 30)
    (12, None, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def trimmed(text: str) -> str:
    """*text* without the blanks and punctuation that no ellipsis may follow."""
    return _TRAILING.sub("", text)


def split_lines(text: str) -> list[str]:
    """Split on the three newlines that files use, and on nothing else.

    `str.splitlines` also cuts on form feeds and Unicode separators, which belong to the words.
    """
    return _NEWLINES.split(text)
