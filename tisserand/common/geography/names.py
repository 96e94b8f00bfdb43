"""Keys that make two spellings of a French place name equal."""

import re

from tisserand.common.text import fold

_ARTICLES = frozenset({"l", "la", "le", "les"})
_SHORT_SAINTS = {"st": "saint", "ste": "sainte"}
_DISTRICT = re.compile(r"(paris|lyon|marseille) (?:0?(\d{1,2})) ?(?:er|eme|e)?(?: arrondissement)?")


def department_key(text: str) -> str:
    """Return what two spellings of one département share.

    >>> department_key("Seine et Marne") == department_key("la seine-et-marne")
    True
    >>> department_key("Côtes d’Armor")
    'cotesdarmor'
    """
    return _joined(_without_article(_words(text)))


def place_key(text: str) -> str:
    """Return what two spellings of one commune share; its article counts, unlike a département's.

    Many communes differ by the article alone (Chambon and Le Chambon), so it stays in the key.

    >>> place_key("St-Denis") == place_key("SAINT DENIS")
    True
    """
    return _joined([_SHORT_SAINTS.get(word, word) for word in _district(_words(text))])


def place_key_without_article(text: str) -> str:
    """Return `place_key` for a name typed without its article, or with one it does not have."""
    words = _without_article(_words(text))
    return _joined([_SHORT_SAINTS.get(word, word) for word in words])


def _words(text: str) -> list[str]:
    return fold(text.replace("&", " et ")).split()


def _without_article(words: list[str]) -> list[str]:
    # A name made of one article only ("Le") is kept: an empty key would match too much.
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _joined(words: list[str]) -> str:
    # No separator at all: "Val d'Oise", "Val-d-Oise" and "Val dOise" are one name.
    return "".join(words)


def _district(words: list[str]) -> list[str]:
    # "Paris 11", "Paris 11e" and "Paris 11e Arrondissement" are how one place is written.
    found = _DISTRICT.fullmatch(" ".join(words))
    return [found[1], found[2], "arrondissement"] if found else words
