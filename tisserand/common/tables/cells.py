"""What goes into one cell, and comes out of it unchanged."""

import re
from dataclasses import dataclass
from typing import Literal

_RISKY = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # some spreadsheets read the full-width signs too
_PIECE = re.compile(r"\\[\\|]|[^|]|\|", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Loss:
    """A cell, as `B12`, that a format does not hold as it is: its end is cut, or a character has no place in it."""

    cell: str
    what: Literal["cut", "character"]


def neutral_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; `restore_cell` removes it."""
    return "'" + text if _RISKY.match(text) else text


def restore_cell(text: str) -> str:
    """Undo `neutral_cell`."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


def join_list(values: list[str]) -> str:
    """Several values in one cell: `a|b`; a bar or a backslash inside a value follows a backslash."""
    return "|".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)


def split_list(cell: str) -> list[str]:
    """Undo `join_list`; blanks around a value go, empty values too."""
    parts = [[""]]
    for piece in _PIECE.findall(cell):
        if piece == "|":
            parts.append([])
        else:
            parts[-1].append(piece[1:] if piece in {"\\\\", "\\|"} else piece)
    values = ("".join(part).strip() for part in parts)
    return [value for value in values if value]
