"""The kinds of messages: each app registers its own."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message.

    Attributes:
        key: as stored.
        label: what it is, in French, for who refuses it.
        optional: whether one can refuse it; what someone asked for by a gesture (an invitation) cannot be.
        farewell: whether its row leaves with it: to someone who is no more known here.
    """

    key: str
    label: str | Promise
    optional: bool = False
    farewell: bool = False


_KINDS: dict[str, Kind] = {}


def register(key: str, label: str | Promise, *, optional: bool = False, farewell: bool = False) -> Kind:
    """Make a kind known."""
    _KINDS[key] = Kind(key, label, optional, farewell)
    return _KINDS[key]


def farewells() -> list[str]:
    """The keys of those whose row leaves with the letter."""
    return [one.key for one in _KINDS.values() if one.farewell]


def kind_of(key: str) -> Kind | None:
    """The kind registered under *key*."""
    return _KINDS.get(key)
