"""Prepares the words of a document: French typography, and characters that a file format can hold."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise

from tisserand.common.typography import typo

# Keys whose values are codes, colours or addresses, whatever the layout.
_VERBATIM = frozenset({"lang", "accent", "kind", "address"})

# All but the line feed: a tab would shift a column, lone surrogates cannot be encoded, XML refuses
# U+FFFE and U+FFFF.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_ADDRESS = re.compile(r"(https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+)")


def printable(text: str) -> str:
    """Return *text* with one kind of line end, and a space for what XML or PDF cannot hold.

    A byte order mark, which has no width, is dropped.

    >>> printable("a\\x07b\\r\\nc")
    'a b\\nc'
    """
    return _UNPRINTABLE.sub(" ", _LINE_END.sub("\n", text.replace("\ufeff", "")))


def plain(data: Any) -> Any:
    """Return a copy of *data* as plain JSON values with `printable` strings, keys untouched.

    Tuples become lists, lazy translations become strings, the bytes of a picture stay. Raises TypeError, naming the
    place, for a value that JSON has no word for (a date, a decimal): the builder must say how it reads.
    """
    return _walk(data, printable, "data")


def typographed(data: Any) -> Any:
    """Return a copy of *data* with French spaces and apostrophes when its `lang` is French.

    Web and mail addresses inside strings, and everything under a key that holds a code
    or an address, stay as they are. Raises TypeError like `plain`.
    """
    lang = str(data.get("lang", "fr")) if isinstance(data, Mapping) else "fr"
    spaced = _spaced if lang.split("-")[0] == "fr" else str
    return _walk(data, spaced, "data", _VERBATIM)


def _spaced(text: str) -> str:
    parts = _ADDRESS.split(text)
    return "".join(part if odd % 2 else typo(part) for odd, part in enumerate(parts))


def _walk(value: Any, change: Callable[[str], str], place: str, verbatim: frozenset[str] = frozenset()) -> Any:
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, str):
        return change(value)
    if value is None or isinstance(value, bool | int | float | bytes):
        return value
    if isinstance(value, Mapping):
        return {
            str(key): _walk(inner, str if key in verbatim else change, f"{place}.{key}", verbatim)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_walk(inner, change, f"{place}[{rank}]", verbatim) for rank, inner in enumerate(value)]
    raise TypeError(f"{place} holds a {type(value).__name__}: documents take text, numbers, lists and maps")
