"""What becomes of what leads to a row when this row and another become one.

Each app says it of its own foreign keys, in its `merging.py`. A foreign key that nobody spoke of stops the merge before
anything is written, and fails the tests first.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Field, Model
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Joined:
    """Two rows that the database does not allow side by side.

    Attributes:
        held: changes of the row that was there.
        moved: changes that let the row that comes be beside it; None when it goes into the other.
    """

    held: Mapping[str, Any]
    moved: Mapping[str, Any] | None = None


Join = Callable[[Any, Any], Joined]
Around = Callable[[int, int], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key.

    Attributes:
        follows: whether it leads to the row that stays; otherwise the one that goes keeps it.
        told: how many there are, for people (`ngettext_lazy` with `n`); None for what they would not know.
        join: takes the row that comes and the one that is there, where a constraint allows one of them.
    """

    model: type[Model]
    field: str
    follows: bool
    told: str | Promise | None = None
    join: Join | None = None


_LINKS: dict[tuple[type[Model], str], Link] = {}
_AROUND: dict[type[Model], list[Around]] = {}


def follows(model: type[Model], field: str, *, told: str | Promise | None = None, join: Join | None = None) -> None:
    """Say that a foreign key follows the row that it leads to (see `Link`)."""
    _declare(Link(model, field, True, told, join))


def stays(model: type[Model], *fields: str) -> None:
    """Say that these foreign keys keep leading to the row that goes, which must then be kept."""
    for field in fields:
        _declare(Link(model, field, False))


def _declare(link: Link) -> None:
    _LINKS[link.model, link.model._meta.get_field(link.field).name] = link


def around(target: type[Model]) -> Callable[[Around], Around]:
    """Register what an app does before and after two rows of *target* become one, or two again (`kept`, `gone`)."""

    def register(manager: Around) -> Around:
        _AROUND.setdefault(target, []).append(manager)
        return manager

    return register


@contextmanager
def surrounded(target: type[Model], kept: int, gone: int) -> Iterator[None]:
    """What every app does around the move."""
    with ExitStack() as stack:
        for manager in _AROUND.get(target, []):
            stack.enter_context(manager(kept, gone))
        yield


def foreign_keys_to(target: type[Model]) -> "Iterator[Field[Any, Any]]":
    """Every column of the database that leads to *target*, ours and those of libraries."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if field.related_model is target:
                yield field


def links_to(target: type[Model]) -> list[Link]:
    """Every foreign key to *target*, with its way, in the order in which they were told.

    Raises:
        LookupError: nobody said what becomes of one of them.
    """
    found = {(field.model, field.name): field for field in foreign_keys_to(target)}
    unsaid = sorted(f"{model._meta.label}.{name}" for model, name in found if (model, name) not in _LINKS)
    if unsaid:
        raise LookupError(f"what becomes of {', '.join(unsaid)} when two {target._meta.label} become one?")
    return [link for key, link in _LINKS.items() if key in found]
