"""What goes into one cell, and comes out of it unchanged."""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_SEPARATOR = re.compile(r"(?<!\\)\|")


def neutral_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; `restore_cell` removes it."""
    return "'" + text if _RISKY.match(text) else text


def restore_cell(text: str) -> str:
    """Undo `neutral_cell`."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


def join_list(values: list[str]) -> str:
    """Several values in one cell: `a|b`; a bar inside a value is written `\\|`."""
    return "|".join(value.replace("|", "\\|") for value in values)


def split_list(cell: str) -> list[str]:
    """Undo `join_list`; blanks around a value go, empty values too."""
    parts = (part.replace("\\|", "|").strip() for part in _SEPARATOR.split(cell))
    return [part for part in parts if part]
