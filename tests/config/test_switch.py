"""A restore that takes its place is whole whenever it is killed, once someone looks."""

import json
from pathlib import Path

import pytest

from tisserand.config import instance_lock
from tisserand.config.backup import switch

OLD = {
    "tisserand.sqlite3": "old",
    "tisserand.sqlite3-wal": "old",
    "secret_key": "old",
    "files/a": "old",
    "cache/c": "old",
}
NEW = {"tisserand.sqlite3": "new", "secret_key": "new", "files/a": "new"}


class Killed(BaseException):
    pass


def write(folder: Path, contents: dict[str, str]) -> None:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def read(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def prepared(tmp_path):
    write(tmp_path, OLD)
    write(tmp_path / switch.STAGING, NEW)
    switch.decide(tmp_path, token="", aside="avant")
    return tmp_path


def kill_at(monkeypatch, number: int) -> None:
    """The process dies before its *number*th rename or removal."""
    calls = iter(range(1000))

    def dying(function):
        def run(*args, **kwargs):
            if next(calls) == number:
                raise Killed
            return function(*args, **kwargs)

        return run

    monkeypatch.setattr(Path, "rename", dying(Path.rename))
    monkeypatch.setattr(Path, "unlink", dying(Path.unlink))
    monkeypatch.setattr(switch.shutil, "rmtree", dying(switch.shutil.rmtree))


def is_whole(folder: Path, locks: bool = False) -> bool:
    aside = {f"avant/{name}": content for name, content in OLD.items() if not name.startswith("cache")}
    return read(folder) == {**NEW, **aside, **({"instance.lock": ""} if locks else {})}


STEPS = 10


@pytest.mark.parametrize("number", range(STEPS))
def test_killed_anywhere_it_is_finished_by_whoever_comes_next(prepared, monkeypatch, number):
    kill_at(monkeypatch, number)
    with pytest.raises(Killed):
        switch.finish(prepared)
    half = read(prepared)
    monkeypatch.undo()
    switch.finish(prepared)
    if number < STEPS - 1:  # the last step removes an empty folder, which nothing looks at
        assert is_whole(prepared)
        assert half != read(prepared)  # negative control: it was cut short
    switch.finish(prepared)
    assert is_whole(prepared)


def test_the_steps_are_all_tried(prepared, monkeypatch):
    kill_at(monkeypatch, STEPS)
    switch.finish(prepared)
    assert is_whole(prepared)


def test_killed_before_it_is_decided_nothing_changes(tmp_path, monkeypatch):
    write(tmp_path, OLD)
    write(tmp_path / switch.STAGING, NEW)
    kill_at(monkeypatch, 0)
    with pytest.raises(Killed):
        switch.decide(tmp_path, token="", aside="avant")
    monkeypatch.undo()
    switch.finish(tmp_path)
    assert {name: content for name, content in read(tmp_path).items() if not name.startswith((".", "restore"))} == OLD


@pytest.mark.parametrize(("found", "content"), [("token", "new"), ("", "old"), ("another", "old")])
def test_with_postgresql_the_schema_tells_whether_it_took_place(tmp_path, monkeypatch, found, content):
    write(tmp_path, {"secret_key": "old", "files/a": "old"})
    write(tmp_path / switch.STAGING, {"secret_key": "new", "files/a": "new"})
    switch.decide(tmp_path, token="token", aside="avant")
    monkeypatch.setattr(switch, "_token_of_schema", lambda: found)
    switch.finish(tmp_path)
    assert (tmp_path / "secret_key").read_text() == (tmp_path / "files/a").read_text() == content
    assert not (tmp_path / switch.NOTE).exists()
    assert not (tmp_path / switch.STAGING).exists()


def test_a_database_that_does_not_answer_leaves_all_as_it_is(tmp_path, monkeypatch):
    write(tmp_path, {"secret_key": "old"})
    write(tmp_path / switch.STAGING, {"secret_key": "new"})
    switch.decide(tmp_path, token="token", aside="avant")
    monkeypatch.setenv("TISSERAND_DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
    with pytest.raises(SystemExit, match="interrompue"):
        switch.finish(tmp_path)
    assert json.loads((tmp_path / switch.NOTE).read_text())["token"] == "token"
    assert (tmp_path / switch.STAGING / "secret_key").read_text() == "new"


def test_a_folder_of_someone_else_is_told(tmp_path, monkeypatch):
    def refused(*_args):
        raise PermissionError

    monkeypatch.setattr(instance_lock.os, "open", refused)
    with pytest.raises(SystemExit, match="ouvert en écriture"):
        instance_lock.enter(tmp_path)


def test_who_works_finishes_first_what_was_decided(prepared):
    instance_lock.enter(prepared)
    assert is_whole(prepared, locks=True)
    assert instance_lock.alone(prepared)
