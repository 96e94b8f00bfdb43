"""Rows that hold between two dates: `starts`, and `ends` or none."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)


def holding(rows: QuerySet[M]) -> QuerySet[M]:
    """Those that hold today, the last day included."""
    return lasting(rows).filter(starts__lte=timezone.localdate())


def lasting(rows: QuerySet[M]) -> QuerySet[M]:
    """Those that hold today or will later."""
    return rows.filter(Q(ends=None) | Q(ends__gte=timezone.localdate()))
