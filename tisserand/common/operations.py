"""What makes a function an operation: keyword-only, and one transaction."""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from hashlib import sha256
from typing import ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")
_inside = ContextVar("inside_an_operation", default=False)


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a write: it holds whole or not at all.

    One that another calls is a part of it: no savepoint of its own, so that whatever it raises undoes the whole. The
    database refuses to go on for who would catch that without a `transaction.atomic()` around.

    Raises:
        TypeError: at import, when a parameter could be given by position.
    """
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}:
            raise TypeError(f"{function.__qualname__}: {parameter.name} must be keyword-only")

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(savepoint=not _inside.get()):
            token = _inside.set(True)
            try:
                return function(*args, **kwargs)
            finally:
                _inside.reset(token)

    return wrapper


def once(token: str, *what: object) -> str:
    """What a form is known by, in 40 characters: sent twice it acts once, and nobody acts in another's place.

    Args:
        token: of the form, whatever its length.
        what: who sent it, and what else makes of it another gesture.
    """
    return sha256(" ".join(str(one) for one in (token, *what)).encode()).hexdigest()[:40]


def require(allowed: bool, message: str) -> None:
    """Refuse an operation unless *allowed*; *message* tells the person what is missing.

    Raises:
        PermissionDenied: answered as a 403 page, or an error of the command line.
    """
    if not allowed:
        raise PermissionDenied(message)
