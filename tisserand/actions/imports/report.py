"""The report of an import, as people and programs read it."""

from typing import Any

from tisserand.actions.enums import Outcome

COUNTS = {
    Outcome.CREATED: "created",
    Outcome.UPDATED: "updated",
    Outcome.UNCHANGED: "unchanged",
    Outcome.CONFLICT: "conflicts",
    Outcome.REJECTED: "rejected",
}
MAX_MESSAGES = 1_000  # kept of one import; the count of the others is told


def empty_counts() -> dict[str, int]:
    """All counts at zero, in the order of the report."""
    return {"read": 0, **dict.fromkeys(COUNTS.values(), 0), "suggestions": 0}


def report(counts: dict[str, int], messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON report: counts, then messages with line, record, field, level and text."""
    return {**empty_counts(), **counts, "messages": messages}
