"""Rules of personal data, field by field; each app declares its own in `privacy.py`.

The test of the registry walks every field of every model: one that could hold something about a person, and that no
rule names, fails CI.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Model
from django.utils.functional import Promise

OnErase = Literal["keep", "blank", "delete", "detach"]


@dataclass(frozen=True, slots=True)
class Personal:
    """What a field says about a person and what becomes of it.

    Attributes:
        name: what people call the field, in French.
        why: the purpose, in French, as told to the person.
        on_erase: `blank` empties it, `delete` removes the row, `detach` cuts the link, `keep` needs a reason.
        kept: how long, in French.
    """

    name: str | Promise
    why: str | Promise
    on_erase: OnErase
    kept: str | Promise


@dataclass(frozen=True, slots=True)
class ModelRules:
    """The fields of a model.

    Attributes:
        personal: those that can speak of a person.
        impersonal: those that could by their kind (text, file, JSON, date) and do not, by name.
        others: why these, and all that is neither (numbers, choices, links), are not about a person.
    """

    model: type[Model]
    personal: Mapping[str, Personal]
    impersonal: frozenset[str]
    others: str


@dataclass(frozen=True, slots=True)
class Retention:
    """A class of data that expires. `purge(now, dry_run)` returns how many rows go."""

    key: str
    label: str | Promise
    purge: Callable[[datetime, bool], int]


_RULES: dict[str, ModelRules] = {}
_RETENTIONS: dict[str, Retention] = {}


def declare(
    model: type[Model],
    *,
    personal: Mapping[str, Personal] | None = None,
    impersonal: Iterable[str] = (),
    others: str,
) -> None:
    """Register the rules of *model* (see `ModelRules`).

    Raises:
        ValueError: a rule names a field that the model does not have, or a field has two rules.
    """
    personal, impersonal = personal or {}, frozenset(impersonal)
    unknown = (set(personal) | impersonal) - {field.name for field in model._meta.get_fields()}
    if unknown:
        raise ValueError(f"{model._meta.label} has no field {', '.join(sorted(unknown))}")
    if impersonal & set(personal):
        raise ValueError(f"{model._meta.label}: {', '.join(sorted(impersonal & set(personal)))} is personal, or is not")
    _RULES[model._meta.label] = ModelRules(model, personal, impersonal, others)


def retain(
    *, key: str, label: str | Promise
) -> Callable[[Callable[[datetime, bool], int]], Callable[[datetime, bool], int]]:
    """Register a retention job under *key*."""

    def register(purge: Callable[[datetime, bool], int]) -> Callable[[datetime, bool], int]:
        _RETENTIONS[key] = Retention(key, label, purge)
        return purge

    return register


def rules() -> Mapping[str, ModelRules]:
    """All rules, by model label."""
    return _RULES


def retentions() -> list[Retention]:
    """All retention jobs, in a stable order."""
    return [_RETENTIONS[key] for key in sorted(_RETENTIONS)]
