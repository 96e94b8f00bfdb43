"""Freezing figures, checking them, and telling what moved since."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from tisserand.figures.engine import Breakdown, Figure, name_of
from tisserand.figures.models import Snapshot


def flatten(results: Mapping[str, Figure | Breakdown]) -> list[Figure]:
    """All figures, those of breakdowns one after the other."""
    return [row for r in results.values() for row in (r.rows if isinstance(r, Breakdown) else (r,))]


def headed(results: Mapping[str, Figure | Breakdown]) -> list[tuple[str, Figure]]:
    """All figures in the order of `flatten`, each with the name of what it belongs to."""
    return [(name_of(key), row) for key, result in results.items() for row in flatten({key: result})]


def digest(figures: list[dict[str, Any]]) -> str:
    """The SHA-256 of figures, whatever the order of their keys."""
    canonical = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def freeze(*, scope: str, scope_label: str, taken_by: str, figures: Iterable[Figure]) -> Snapshot:
    """Keep *figures* as they are now."""
    data = [one.as_dict() for one in figures]
    return Snapshot.objects.create(
        scope=scope,
        scope_label=scope_label,
        taken_at=timezone.now(),
        taken_by=taken_by,
        figures=data,
        digest=digest(data),
    )


def latest(scope: str, limit: int = 10) -> QuerySet[Snapshot]:
    """The last readings of a scope."""
    return Snapshot.objects.filter(scope=scope)[:limit]


def is_intact(snapshot: Snapshot) -> bool:
    """Whether the figures are still those that were frozen."""
    return digest(snapshot.figures) == snapshot.digest


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure then and now; None where it did not or does no longer exist."""

    label: str
    then: dict[str, Any] | None
    now: Figure | None

    @property
    def written(self) -> bool:
        """Whether people wrote the label (see `Figure`)."""
        return self.then.get("written", False) if self.then else bool(self.now and self.now.written)

    @property
    def moved(self) -> bool:
        """Whether its count or its base changed."""
        if self.then is None or self.now is None:
            return True
        return (self.then["numerator"], self.then["denominator"]) != (self.now.numerator, self.now.denominator)


def differences(snapshot: Snapshot, now: Iterable[Figure]) -> list[Difference]:
    """Each frozen figure beside the same one computed now, new ones last."""
    current = {one.key: one for one in now}
    frozen = [Difference(_label(old), old, current.pop(old["key"], None)) for old in snapshot.figures]
    return frozen + [Difference(one.label, None, one) for one in current.values()]


def _label(figure: dict[str, Any]) -> str:
    """The label of a frozen figure for who reads it: ours in their language, that of a list as it was."""
    label: str = figure["label"]
    return label if figure.get("written") else gettext(label)
