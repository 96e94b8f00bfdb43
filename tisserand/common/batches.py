"""Long sequences, a part at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of *size* items, the last one shorter."""
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
