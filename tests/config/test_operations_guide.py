"""docs/operations.md: the commands run, the files quoted are the ones that ship."""

import re
import shlex
import subprocess
import sys
from itertools import groupby

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError

from tests.config.conftest import ROOT

GUIDE = (ROOT / "docs/operations.md").read_text()
SHIPPED = sorted((ROOT / "deploy").iterdir())
# These wait for someone, or go on until stopped: their words are checked, other tests start them.
NOT_RUN = {"serve", "worker", "createsuperuser", "import_actions", "erase_account"}


def blocks() -> list[str]:
    """The indented blocks of the guide, without their indentation; empty lines may be inside."""
    found = []
    for quoted, lines in groupby(GUIDE.splitlines(), key=lambda line: line.startswith("    ") or not line):
        text = "\n".join(line[4:] for line in lines).strip("\n")
        if quoted and text:
            found.append(text)
    return found


def commands() -> list[list[str]]:
    """The words after `tisserand`, of each line of a block that is such a command."""
    lines = [line for block in blocks() for line in block.splitlines()]
    found = [re.match(r"(?:\w+=\S+ )*(?:\S*/)?tisserand (\w.*)", line) for line in lines]
    return [shlex.split(match[1]) for match in found if match]


def test_the_files_quoted_are_those_that_ship():
    quoted = blocks()
    assert len(SHIPPED) >= 9
    for path in SHIPPED:
        assert path.read_text().rstrip("\n") in quoted, f"{path.name} is not quoted as it is"
        assert f"deploy/{path.name}" in GUIDE


@pytest.mark.parametrize("words", [words for words in commands() if words[0] in NOT_RUN | {"restore"}], ids=" ".join)
def test_the_commands_that_are_not_run_below_have_these_options(words):
    command = load_command_class(get_commands()[words[0]], words[0])
    command.create_parser("tisserand", words[0]).parse_args(words[1:])


def test_a_command_that_does_not_exist_would_be_found():
    """Negative control."""
    command = load_command_class("tisserand.config", "backup")
    with pytest.raises(CommandError):
        command.create_parser("tisserand", "backup").parse_args(["x", "--keep", "3"])


def test_the_commands_run_in_the_order_of_the_guide(instance, tmp_path):
    ran = []
    for words in map(list, dict.fromkeys(map(tuple, commands()))):  # what is said again is run once
        if words[0] in NOT_RUN:
            continue
        arguments = [word.replace("/srv/sauvegardes", str(tmp_path)) for word in words]
        if words[0] == "restore" and "--replace" not in words:
            continue  # into an empty instance: see test_backup
        instance.run(*arguments, status=int(words[0] == "doctor"))  # no worker runs here: the doctor says so
        ran.append(words[0])
    assert {
        "backup",
        "restore",
        "erasures",
        "nightly",
        "clearsessions",
        "prune_db_task_results",
        "reindex_actions",
    } <= set(ran)


def test_the_backup_unit_writes_an_archive_and_forgets_old_ones(instance, tmp_path):
    """Its two lines, as systemd would give them to the shell."""
    unit = (ROOT / "deploy/tisserand-backup.service").read_text()
    old = tmp_path / "tisserand-20200101-0230.tar.gz"
    old.touch()
    subprocess.run(["touch", "-d", "2020-01-01", old], check=True)
    for line in re.findall(r"^ExecStart(?:Post)?=(.*)$", unit, re.MULTILINE):
        here = line.replace("%%", "%").replace("$$", "$").replace("/srv/sauvegardes", str(tmp_path))
        here = here.replace("/srv/app/.venv/bin/tisserand", f"{sys.executable} -m tisserand")
        subprocess.run(shlex.split(here), env=instance.environment, cwd=ROOT, check=True)
    (made,) = tmp_path.glob("tisserand-*.tar.gz")
    assert made != old
    assert made.stat().st_mode & 0o777 == 0o600
