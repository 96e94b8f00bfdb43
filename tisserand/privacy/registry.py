"""Rules of personal data, field by field; each app declares its own in `privacy.py`.

The export of someone's data, an erasure, the page that tells what is kept and the register of processing are all read
from here. The test of the registry walks every field of every model: one that no rule names fails CI.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words = str | Promise
OnErase = Literal["keep", "blank", "delete", "detach"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an export or an erasure is about.

    Attributes:
        number: of the account; None when only addresses are known.
        emails: every address known to be theirs, in lower case.
        names: as texts may quote them.
    """

    number: int | None
    emails: frozenset[str]
    names: frozenset[str] = frozenset()


Finder = Callable[[str, Subject], Q]


def by_account(name: str, subject: Subject) -> Q:
    """The rows whose field *name* holds the account, by a link or by its number."""
    return Q(**{name: subject.number}) if subject.number is not None else Q(pk__in=())


def by_email(name: str, subject: Subject) -> Q:
    """The rows whose field *name* holds one of the addresses."""
    return Q(**{f"{name}__in": subject.emails})


@dataclass(frozen=True, slots=True)
class Personal:
    """What a field says about a person and what becomes of it.

    Attributes:
        name: what people call the field, in French.
        why: the purpose, in French, as told to the person.
        on_erase: `delete` removes the row, `detach` cuts the link, `blank` empties the text, `keep` leaves it. A field
            without `finds` goes or stays with its row.
        kept: how long, in French.
        finds: which rows are the person's, for a field that tells; links to an account need none.
        secret: told in an export, and not given: who stole it would come in.
        coded: a code that only software reads: an export gives it as data, and does not tell it.
        gives: for a link to an account, what an export also gives of the row to who holds it: what they put there.
    """

    name: Words
    why: Words
    on_erase: OnErase
    kept: Words
    finds: Finder | None = None
    secret: bool = False
    coded: bool = False
    gives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """A line of the register of processing (article 30 of the GDPR).

    Attributes:
        name: what people call it, in French.
        purpose: what for.
        basis: what allows it.
        people: whose data these are.
    """

    name: Words
    purpose: Words
    basis: Words
    people: Words


@dataclass(frozen=True, slots=True)
class ModelRules:
    """The fields of a model.

    Attributes:
        personal: those that can speak of a person.
        impersonal: all the others, by name.
        others: why these are not about a person.
        label: what people call such a thing, when some of it is personal.
        activity: what it serves.
        seen_by: who reads it, besides the person.
        own: the person reads it too, on their own pages.
        theirs: what an erasure takes, or leaves without a name, in the words of the person; the label unless said.
        shown: what an export also gives of a row, even to who only had a hand in it: fields and their names.
        public: the rows that anyone may read: who asks for their data is told which of them quote their name.
    """

    model: type[Model]
    personal: Mapping[str, Personal]
    impersonal: frozenset[str]
    others: str
    label: Words = ""
    activity: Activity | None = None
    seen_by: Words = ""
    own: bool = False
    theirs: Words = ""
    shown: Mapping[str, Words] = field(default_factory=dict)
    public: Callable[[], QuerySet[Any]] | None = None

    def readers(self, person: str = "") -> str:
        """Who reads it, in words; *person* is what to call whom it is about."""
        themselves = [person or _("la personne elle-même")] if self.own else []
        return ", ".join([*themselves, *([str(self.seen_by)] if self.seen_by else [])])


@dataclass(frozen=True, slots=True)
class Retention:
    """A class of data that expires. `purge(now, dry_run)` returns how many rows go."""

    key: str
    label: Words
    purge: Callable[[datetime, bool], int]


_RULES: dict[str, ModelRules] = {}
_RETENTIONS: dict[str, Retention] = {}


def declare(
    model: type[Model],
    *,
    others: str,
    personal: Mapping[str, Personal] | None = None,
    impersonal: Iterable[str] = (),
    **about: Any,
) -> None:
    """Register the rules of *model* (see `ModelRules`); with personal fields, *about* says label, activity and readers.

    Raises:
        ValueError: a rule names a field that the model does not have, a field has two rules, or a word is missing.
    """
    rules = ModelRules(model, _linked(model, personal or {}), frozenset(impersonal), others, **about)
    name = model._meta.label
    known = {one.name for one in model._meta.get_fields()}
    unknown = ({*rules.personal, *rules.shown} | rules.impersonal) - known
    if unknown:
        raise ValueError(f"{name} has no field {', '.join(sorted(unknown))}")
    twice = rules.impersonal & set(rules.personal)
    if twice:
        raise ValueError(f"{name}: {', '.join(sorted(twice))} is personal, or is not")
    if rules.personal and not (rules.label and rules.activity and (rules.seen_by or rules.own)):
        raise ValueError(f"{name} has personal fields: say its label, its activity and who reads it (seen_by, own)")
    _RULES[name] = rules


def _linked(model: type[Model], personal: Mapping[str, Personal]) -> dict[str, Personal]:
    """*personal*, where links to an account find their rows by it."""
    return {
        name: replace(one, finds=by_account) if one.finds is None and links_to_account(model, name) else one
        for name, one in personal.items()
    }


def links_to_account(model: type[Model], name: str) -> bool:
    """Whether the field *name* is a link to an account."""
    target = next((one.related_model for one in model._meta.get_fields() if one.name == name), None)
    return target is not None and target._meta.label == settings.AUTH_USER_MODEL


def retain(*, key: str, label: Words) -> Callable[[Callable[[datetime, bool], int]], Callable[[datetime, bool], int]]:
    """Register a retention job under *key*."""

    def register(purge: Callable[[datetime, bool], int]) -> Callable[[datetime, bool], int]:
        _RETENTIONS[key] = Retention(key, label, purge)
        return purge

    return register


def rules() -> dict[str, ModelRules]:
    """All rules, by model label."""
    return _RULES


def retentions() -> list[Retention]:
    """All retention jobs, in a stable order."""
    return [_RETENTIONS[key] for key in sorted(_RETENTIONS)]
