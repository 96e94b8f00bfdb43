"""The list of départements (Code officiel géographique), and lookups in it."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from tisserand.common.geography.files import shipped_text
from tisserand.common.text import fold

_ARTICLES = frozenset({"l", "la", "le", "les"})
_CODE = r"\d{1,3}|2[abAB]"
_NAME_AND_CODE = re.compile(
    rf"\s*(?:\(?(?P<before>{_CODE})\)?[\s:.–-]+(?P<name>.*\D)|(?P<name2>.*\D)[\s(–-](?P<after>{_CODE})\)?)\s*"
)


@dataclass(frozen=True, slots=True)
class Department:
    """A département: its code (`"01"`, `"2A"`, `"974"`), its name, the name of its region."""

    code: str
    name: str
    region: str


def departments() -> tuple[Department, ...]:
    """Return the 101 départements in the order of their codes."""
    return tuple(_departments_by_code().values())


def department_by_name(text: str) -> Department | None:
    """Return the département that *text* names or whose code it is.

    Accents, case, hyphens, spaces and the leading article do not matter; `"77"`, `"1"` for `"01"`,
    `"Seine-et-Marne (77)"` and `"77 - Seine-et-Marne"` are understood, when name and code agree.
    """
    found = _department_by_code(text.strip()) or _departments_by_key().get(department_key(text))
    if found:
        return found
    both = _NAME_AND_CODE.fullmatch(text)
    if both is None:
        return None
    by_code = _department_by_code(both["before"] or both["after"])
    by_name = _departments_by_key().get(department_key(both["name"] or both["name2"]))
    return by_code if by_code == by_name else None


def department_key(text: str) -> str:
    """Return what two spellings of one département share.

    >>> department_key("Seine et Marne") == department_key("la seine-et-marne")
    True
    >>> department_key("Côtes d’Armor")
    'cotesdarmor'
    """
    words = fold(text.replace("&", " et ")).split()
    # A name made of one article only ("Le") is kept: an empty key would match too much.
    own = words[1:] if len(words) > 1 and words[0] in _ARTICLES else words
    # No separator at all: "Val d'Oise", "Val-d-Oise" and "Val dOise" are one name.
    return "".join(own)


def _department_by_code(text: str) -> Department | None:
    # Spreadsheets drop the leading zero of "01".
    return _departments_by_code().get(text.upper().zfill(2))


@lru_cache(maxsize=1)
def _departments_by_code() -> dict[str, Department]:
    rows: list[list[str]] = json.loads(shipped_text("departments.json.gz"))
    return {code: Department(code, name, region) for code, name, region in rows}


@lru_cache(maxsize=1)
def _departments_by_key() -> dict[str, Department]:
    return {department_key(one.name): one for one in _departments_by_code().values()}
