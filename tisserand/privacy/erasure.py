"""Erase a person: the rule of each field says what becomes of its rows, and what they are part of stays whole."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.crypto import salted_hmac

from tisserand.privacy.models import Erasure
from tisserand.privacy.registry import ModelRules, Personal, Subject, by_email, rules

Step = Callable[[Subject], None]
_STEPS: list[Step] = []


def on_erasure(step: Step) -> Step:
    """Register what no rule of a field can say; it runs first, in the transaction of the erasure."""
    _STEPS.append(step)
    return step


def erase_rows(subject: Subject) -> int:
    """Apply the rule of every field, inside the caller's transaction; returns how many rows were touched.

    Raises:
        RuntimeError: deleting a row would take others with it, that no rule speaks of.
    """
    for step in _STEPS:
        step(subject)
    # The apps above first: the account goes last, once nothing leads to it.
    return sum(_erase(model, subject) for model in reversed(rules().values()))


def _erase(model: ModelRules, subject: Subject) -> int:
    touched = 0
    for name, one, rows in found(model, subject):
        if one.on_erase == "delete":
            touched += _delete(rows)
        elif one.on_erase == "detach":
            touched += rows.update(**{name: None})
        elif one.on_erase == "blank":
            touched += rows.update(**{name: ""})
    return touched


def found(model: ModelRules, subject: Subject) -> Iterator[tuple[str, Personal, QuerySet[Any]]]:
    """By field that tells whose a row is: its name, its rule, the rows of the person."""
    for name, one in model.personal.items():
        if one.finds:
            yield name, one, model.model._base_manager.filter(one.finds(name, subject))


def _delete(rows: QuerySet[Model]) -> int:
    deleted, by_model = rows.delete()
    others = set(by_model) - {rows.model._meta.label}
    if others:
        raise RuntimeError(f"{rows.model._meta.label} cannot be erased: it would take {', '.join(sorted(others))}")
    return deleted


def digest(email: str) -> str:
    """What is kept of an address that was erased: nobody reads it without the secret of the instance."""
    return salted_hmac("tisserand.privacy.erasure", email, algorithm="sha256").hexdigest()


def remember(*, account: int, opened_at: datetime, emails: Iterable[str]) -> Erasure:
    """Keep that an account was erased."""
    return Erasure.objects.create(account=account, opened_at=opened_at, addresses=sorted(map(digest, emails)))


def addresses_of(digests: Iterable[str]) -> frozenset[str]:
    """The addresses, among those that the database holds apart from accounts, whose digest is one of these."""
    wanted, known = set(digests), set()
    for model in rules().values():
        for name in (name for name, one in model.personal.items() if one.finds is by_email):
            known |= set(model.model._base_manager.order_by().values_list(name, flat=True).distinct())
    return frozenset(email for email in known if digest(email) in wanted)
