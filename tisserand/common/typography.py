"""French typography, applied when text is shown, never when it is stored."""

import re

NBSP = "\u00a0"
NARROW = "\u202f"

_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"

# Each rule is (pattern, replacement); the order matters: spaces first, then the narrow ones.
_RULES = (
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(r"\.\.\."), "…"),
    (re.compile(r"«[ \u00a0\u202f]*"), f"«{NBSP}"),
    (re.compile(r"[ \u00a0\u202f]*»"), f"{NBSP}»"),
    (re.compile(r"(?<=\S)[ \u00a0\u202f]+:(?!\w)"), f"{NBSP}:"),
    (re.compile(r"(?<=\S)[ \u00a0\u202f]+(?=[;!?](?:\W|$))"), NARROW),
    (re.compile(r"(?<=\d)[ \u202f]*(?=[%€])"), NBSP),
    (re.compile(r"(?<=\b[nN]°) ?(?=\d)"), NBSP),
    (re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?:\D|$))"), NARROW),
    # A day holds to its month, a time of day together: 4 mars, 17 h 30.
    (re.compile(rf"(?:(?<=\d)|(?<=1er)) (?=(?:{_MONTHS})\b)"), NBSP),
    (re.compile(r"(?<=\d)[ \u00a0](?=h(?:\W|\d|$))"), NARROW),
    (re.compile(r"(?<=\d\u202fh)[ \u00a0](?=\d\d(?:\D|$))"), NARROW),
)


def typo(text: str) -> str:
    """Return *text* with French spacing and apostrophes; the words themselves never change.

    >>> typo("Combien ? 50 %")
    'Combien\\u202f? 50\\xa0%'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


# What must survive untouched inside interface strings: tags, entities and %(placeholders)s.
_VERBATIM = re.compile(r"(<[^>]*>|&\w+;|%\(\w+\)[sd]|%%|\{[^}]*\}|https?://\S+)")


def typo_markup(text: str) -> str:
    """Like `typo`, for a string that may hold HTML tags or format placeholders."""
    parts = _VERBATIM.split(text)
    joined = "".join(part if i % 2 else typo(part) for i, part in enumerate(parts))
    # A space before punctuation may follow a placeholder or a tag, out of reach of the rules above.
    joined = re.sub(r"(?<=[>)s}]) :(?=\s|$)", f"{NBSP}:", joined)
    joined = re.sub(r"(?<=[>)s}]) (?=[;!?](?:\s|$))", NARROW, joined)
    return re.sub(r" (?=%%|€)", NBSP, joined)


def thousands(number: int) -> str:
    """Return *number* with a narrow no-break space every three digits.

    >>> thousands(1348)
    '1\\u202f348'
    """
    return f"{number:,}".replace(",", NARROW)
