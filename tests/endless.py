"""A guard against work that never ends: what is linear takes a second, what is not would take an hour."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

CPU_SECONDS = 60


@contextmanager
def must_end() -> Iterator[None]:
    """Fail when the block has used a minute of processor; waiting on a busy machine does not count."""

    def give_up(_signal, _frame):
        raise AssertionError("this work does not end")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
