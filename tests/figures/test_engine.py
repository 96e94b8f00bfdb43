"""Figures: rounding, bases, thresholds, frozen readings."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tisserand.figures.engine import Figure, compute, percent
from tisserand.figures.models import Snapshot
from tisserand.figures.snapshots import differences, freeze, is_intact


def one(numerator: int, denominator: int, **values) -> Figure:
    return Figure(key="k", label="l", numerator=numerator, denominator=denominator, base="fiches", **values)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate"),
    [(117, 141, 83), (1, 8, 13), (1, 200, 1), (3, 200, 2), (0, 20, 0), (20, 20, 100)],
)
def test_rounding_is_half_up_from_the_unrounded_value(numerator, denominator, rate):
    assert percent(numerator, denominator) == rate


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_is_never_more_than_half_a_point_away(numerator, denominator):
    numerator = min(numerator, denominator)
    assert abs(percent(numerator, denominator) - 100 * numerator / denominator) <= 0.5 + 1e-9


def test_under_the_threshold_a_count_is_told_instead_of_a_rate():
    assert one(18, 19).rate is None
    assert one(14, 24).rate == 58
    assert one(3, 4, rate_from=1).rate == 75
    assert one(0, 0, rate_from=0).rate is None


def test_a_count_never_exceeds_its_base():
    with pytest.raises(ValueError, match="5 out of 4"):
        one(5, 4)


@pytest.mark.django_db
def test_a_snapshot_tells_what_moved_and_whether_it_was_touched():
    with transaction.atomic():
        snapshot = freeze(scope="instance", scope_label="Tous", taken_by="system", figures=[one(3, 10)])
    (same,) = differences(snapshot, [one(3, 10)])
    assert not same.moved
    (moved, new) = differences(snapshot, [one(4, 10), Figure("new", "n", 1, 2, "fiches")])
    assert moved.moved
    assert new.then is None
    assert is_intact(snapshot)
    Snapshot.objects.filter(pk=snapshot.pk).update(figures=[{**snapshot.figures[0], "numerator": 9}])
    snapshot.refresh_from_db()
    assert not is_intact(snapshot)


def test_an_unknown_prefix_computes_nothing():
    assert compute("nothing.", None) == {}
