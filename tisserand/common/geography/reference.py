"""The lists of départements and communes (Code officiel géographique), and lookups in them."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from tisserand.common.geography.files import shipped_text
from tisserand.common.geography.names import department_key, place_key, place_key_without_article
from tisserand.common.text import split_lines

LISTS_CREDIT = "Insee, Code officiel géographique 2026 ; La Poste, codes postaux. Licence Ouverte 2.0"

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


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune by its INSEE code; a postcode is not a key, since communes share them.

    The communes of the overseas collectivities are listed too: their `department_code` is that of
    the collectivity (`"988"`), which is not a département. Paris, Lyon and Marseille are one commune
    each; their municipal arrondissements (`"75111"`), which addresses use, are found as well, with
    the code of the city as `parent`.
    """

    code: str
    name: str
    department_code: str
    postcodes: tuple[str, ...]
    parent: str = ""


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


def commune(code: str) -> Commune | None:
    """Return the commune, or the municipal arrondissement, of this INSEE code."""
    return _communes_by_code().get(code.strip().upper())


def communes_named(text: str, department_code: str = "") -> list[Commune]:
    """Return the communes of this name, in the order of their codes.

    Names are shared (four communes are called Saint-Denis): give *department_code* when it is known.
    The article counts first ("Le Chambon" is not Chambon); only when nothing has exactly this name
    is it ignored ("Havre" finds Le Havre). "Paris" is the city; "Paris 11e" the arrondissement.
    """
    wanted = department_code.strip().upper()

    def matching(index: dict[str, tuple[Commune, ...]], key: str) -> list[Commune]:
        return [found for found in index.get(key, ()) if wanted in ("", found.department_code)]

    exact, loose = _communes_by_name()
    return matching(exact, place_key(text)) or matching(loose, place_key_without_article(text))


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


@lru_cache(maxsize=1)
def _communes_by_code() -> dict[str, Commune]:
    return {one.code: one for one in map(_commune, split_lines(shipped_text("communes.tsv.gz").rstrip("\n")))}


def _commune(line: str) -> Commune:
    code, name, postcodes, parent = line.split("\t")
    # Overseas codes hold the three figures of the département; everywhere else it is two.
    department_code = intern(code[:3] if code[:2] in ("97", "98") else code[:2])
    return Commune(code, name, department_code, tuple(postcodes.split()), intern(parent))


@lru_cache(maxsize=1)
def _communes_by_name() -> tuple[dict[str, tuple[Commune, ...]], dict[str, tuple[Commune, ...]]]:
    exact: dict[str, tuple[Commune, ...]] = {}
    loose: dict[str, tuple[Commune, ...]] = {}
    for one in _communes_by_code().values():
        for index, key in ((exact, place_key(one.name)), (loose, place_key_without_article(one.name))):
            index[key] = (*index.get(key, ()), one)
    return exact, loose
