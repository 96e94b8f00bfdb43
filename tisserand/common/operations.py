"""What makes a function an operation: keyword-only, and one transaction."""

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a write: it holds whole or not at all.

    Raises:
        TypeError: at import, when a parameter could be given by position.
    """
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}:
            raise TypeError(f"{function.__qualname__}: {parameter.name} must be keyword-only")

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            return function(*args, **kwargs)

    return wrapper


def require(allowed: bool, message: str) -> None:
    """Refuse an operation unless *allowed*; *message* tells the person what is missing.

    Raises:
        PermissionDenied: answered as a 403 page, or an error of the command line.
    """
    if not allowed:
        raise PermissionDenied(message)
