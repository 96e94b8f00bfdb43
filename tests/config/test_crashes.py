"""Writers killed again and again: what was confirmed is stored, what was refused is not."""

import subprocess

import pytest

from tests.config.conftest import Instance

TIMES = 40
KILLED = 10
CODE = "from tests.config.crashing import rounds; rounds({})"


def test_killed_forty_times_under_four_writers(instance: Instance):
    told = instance.run("shell", "--no-imports", "-c", CODE.format(TIMES))
    assert int(told.stdout) > 10 * TIMES  # writes that were confirmed before a death


@pytest.mark.parametrize("kind", ["import", "publication"])
def test_a_long_write_that_is_killed_is_there_whole_or_not_at_all(instance: Instance, kind: str):
    code = f"from tests.config.crashing_whole import rounds; rounds({kind!r}, {KILLED})"
    nothing, all_ = map(int, instance.run("shell", "--no-imports", "-c", code).stdout.split())
    assert nothing + all_ == KILLED
    assert nothing  # some were killed on their way


def test_who_answers_before_writing_is_found_out(instance: Instance, monkeypatch: pytest.MonkeyPatch):
    """Negative control: one gesture, told as done while it is under way, is missed after some death."""
    monkeypatch.setenv("HASTY", "1")
    hasty = instance.start("shell", "--no-imports", "-c", CODE.format(TIMES), stderr=subprocess.PIPE)
    assert b"in _remarked" in hasty.communicate()[1]
