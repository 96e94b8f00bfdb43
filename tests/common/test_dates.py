"""Days as people write them, in both languages, and nowhere else than in one place."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

import tisserand
from tisserand.common.dates import long_day, short_day


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [("fr", "1er\u00a0janvier", "2\u00a0janvier"), ("en", "1 January", "2 January")],
)
def test_the_first_of_a_month(language: str, first: str, second: str) -> None:
    """« 1er » in French only; the other days are plain numbers; there the number never leaves its month."""
    with translation.override(language):
        assert [short_day(date(2026, 1, 1)), short_day(date(2026, 1, 2))] == [first, second]
        assert [long_day(date(2026, 1, 1)), long_day(date(2026, 1, 2))] == [f"{first} 2026", f"{second} 2026"]


def test_eleven_is_not_one() -> None:
    """Only the first of the month is an ordinal."""
    assert [short_day(date(2026, 3, day)) for day in (11, 21, 31)] == ["11\u00a0mars", "21\u00a0mars", "31\u00a0mars"]


def test_filters_tell_the_local_day() -> None:
    """At half past eleven in the evening in London, it is the next day in Paris; no day is nothing."""
    told = Template(
        "{% load typography %}{{ at|long_day }}, {{ at|short_day }}, {{ none|long_day }}{{ none|short_day }}"
    )
    with timezone.override("Europe/Paris"):
        at = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
        assert told.render(Context({"at": at, "none": None})) == "1er\u00a0mars 2026, 1er\u00a0mars, "


def test_no_page_writes_a_day_by_itself() -> None:
    """Every day in words goes through `common/dates.py`: what Django makes has no « 1er »."""
    root = Path(tisserand.__file__).parent
    own = re.compile(r"""["']j F|DATE_FORMAT""")
    files = [file for end in ("html", "txt", "py") for file in root.rglob(f"*.{end}")]
    assert [str(file.relative_to(root)) for file in files if own.search(file.read_text())] == ["common/dates.py"]
