"""What differs between two states of a sheet, field by field, as people read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from tisserand.actions.fields import BY_KEY, WRITTEN
from tisserand.common.differences import differences, differences_of_lists


def same(value: Any, other: Any) -> bool:
    """Whether a field says the same; closed values have no order."""
    return set(value) == set(other) if isinstance(value, list) else value == other


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The keys that differ, in the order of the form; a field that one of them does not know has not changed."""
    known = (key for key in WRITTEN if key in before and key in after)
    return [key for key in known if not same(before[key], after[key])]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs, the words that changed standing out on both sides; a side may be empty."""

    key: str
    label: str
    before: SafeString
    after: SafeString


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that differ, in the order of the form."""
    return [
        Change(key, str(BY_KEY[key].label), *compared(before[key], after[key])) for key in changed_fields(before, after)
    ]


def compared(before: Any, after: Any, *, change: bool = True) -> tuple[SafeString, SafeString]:
    """Both values of a field as HTML, whatever its kind (see `differences`)."""
    compare = differences_of_lists if isinstance(before, list) else differences
    return compare(before, after, change=change)
