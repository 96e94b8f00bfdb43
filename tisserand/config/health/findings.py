"""What a check says."""

from dataclasses import dataclass

OK, WARN, ERROR = "ok", "warn", "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: how serious (`ok`, `warn`, `error`), what about, what was found, what to do."""

    level: str
    key: str
    text: str
    remedy: str = ""


def worst(levels: list[str]) -> str:
    """The most serious of *levels*; `ok` for none."""
    return next((level for level in (ERROR, WARN) if level in levels), OK)
