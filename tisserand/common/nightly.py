"""What is done each night: each app registers its own, `tisserand nightly` runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

Work = Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do each night. `run(now)` returns how many things it did; twice in a night is once."""

    key: str
    label: str | Promise
    run: Work


_JOBS: dict[str, Job] = {}


def nightly(*, key: str, label: str | Promise) -> Callable[[Work], Work]:
    """Register the work of a night under *key*."""

    def register(work: Work) -> Work:
        _JOBS[key] = Job(key, label, work)
        return work

    return register


def jobs() -> list[Job]:
    """All of them, in a stable order."""
    return [_JOBS[key] for key in sorted(_JOBS)]
