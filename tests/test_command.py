"""The `tisserand` command as people run it: from an empty folder, served, killed, run twice at once."""

import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.texts import GARDEN, published
from tisserand.actions.models import Action
from tisserand.actions.operations.imports import apply_import
from tisserand.privacy.journal import SYSTEM

COMMAND = [sys.executable, "-m", "tisserand"]


@pytest.fixture
def run(tmp_path):
    environment = {
        **{key: value for key, value in os.environ.items() if key != "TISSERAND_DATABASE_URL"},
        "TISSERAND_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "tisserand.config.settings",
    }

    def call(*arguments, wait=True, stdout=subprocess.PIPE):
        command = [*COMMAND, *map(str, arguments)]
        if not wait:
            return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return subprocess.run(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)

    return call


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_an_empty_folder_is_prepared_by_any_command(run, tmp_path):
    path = tmp_path / "fiches.txt"
    path.write_text(published(GARDEN))
    done = run("import_actions", path, "--network", "essai", "--create-network", "Essai", "--report", "json")
    assert json.loads(done.stdout)["created"] == 1, done.stderr
    key = tmp_path / "data" / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600
    out = run("export_actions", "--network", "essai", "--format", "txt")
    assert out.stdout == published(GARDEN)


def test_errors_are_told_without_a_traceback(run, tmp_path):
    for arguments in (
        ("import_actions", tmp_path / "absent.txt", "--network", "x"),
        ("export_actions", "--network", "x", "--format", "json"),
    ):
        done = run(*arguments)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "CommandError" in done.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_told_with_a_free_one(run, command):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run(command, "--port", port)
    assert done.returncode == 1
    assert f"Le port {port} est déjà pris" in done.stderr
    free = re.search(r"make demo PORT=(\d+), ou --port (\d+)", done.stderr)
    assert port < int(free[1]) == int(free[2])
    assert "Connection in use" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""  # not "answers on…", nor the loading of the demo


@pytest.mark.parametrize("port", [0, 70_000])
def test_what_is_no_port_is_told(run, port):
    done = run("serve", "--port", port)
    assert done.returncode == 1
    assert "Un port va de 1 à 65535" in done.stderr


@pytest.mark.parametrize("format", ["json", "xlsx"])
def test_an_export_that_nobody_reads_to_its_end_ends_quietly(run, tmp_path, format):
    path = tmp_path / "fiches.txt"
    path.write_text(published(GARDEN))
    run("import_actions", path, "--network", "x", "--create-network", "X")
    reader, writer = os.pipe()
    os.close(reader)  # as `| head` once it has its lines
    done = run("export_actions", "--network", "x", "--format", format, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_refusal_is_one_line_of_the_log_and_a_failure_is_not():
    """As the server writes it, through the handler of the settings."""
    written = io.StringIO()
    console = next(one for one in logging.getLogger().handlers if one.name == "console")
    stream, console.stream = console.stream, written
    try:
        for status in (403, 500):
            try:
                raise PermissionError(f"raison {status}")
            except PermissionError:
                logging.getLogger("django.request").warning("/equipe/", exc_info=True, extra={"status_code": status})
    finally:
        console.stream = stream
    refused, failed = written.getvalue().split("\n", 1)
    assert refused.endswith("/equipe/")
    assert "Traceback" in failed
    assert "raison 403" not in failed


def test_the_worker_knows_what_it_sends_without_any_page(run):
    """A kind unknown to it would be sent to those who refused it."""
    code = (
        "import sys; from tisserand.messages import kinds; from tisserand.common.nightly import jobs;"
        "known = lambda: (sorted(kinds._KINDS), sorted(job.key for job in jobs()));"
        "alone = known(); assert 'tisserand.config.urls' not in sys.modules;"
        "import tisserand.config.urls; assert alone == known(), (alone, known());"
        "print({'network.invitation'} <= set(alone[0]), {'retention'} <= set(alone[1]))"
    )
    assert run("shell", "--no-imports", "-c", code).stdout.strip() == "True True"


def test_serving(run):
    port = free_port()
    server = run("serve", "--port", port, wait=False)
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
                    page, headers = response.read().decode(), response.headers
                break
            except OSError:
                time.sleep(0.1)
        assert "Content-Security-Policy" in headers
        style = page.split('href="/static/')[1].split('"')[0]
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/static/{style}", headers={"Accept-Encoding": "br"})
        with urllib.request.urlopen(asked, timeout=5) as response:
            response.read()
            assert response.headers["Content-Encoding"] == "br"
            assert "immutable" in response.headers["Cache-Control"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(
                urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"}), timeout=5
            )
        assert refused.value.code == 400
        refused.value.close()
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.parametrize("moment", [1.0, 1.5, 2.0])
def test_an_import_that_is_killed_leaves_nothing_or_everything(run, tmp_path, moment):
    path = tmp_path / "fiches.txt"
    path.write_text(published(*(GARDEN | {"title": f"Fiche {n}"} for n in range(400))))
    run("import_actions", path, "--network", "x", "--create-network", "X", "--dry-run")  # the database is ready
    process = run("import_actions", path, "--network", "x", "--create-network", "X", wait=False)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    counted = run(
        "shell",
        "--no-imports",
        "-c",
        "from tisserand.actions.models import Action, ImportRow; from tisserand.network.models import Structure; print(Action.objects.count(), ImportRow.objects.count(), Structure.objects.count())",
    )
    assert counted.stdout.split() in (["0", "0", "0"], ["400", "400", "1"])
    again = run("import_actions", path, "--network", "x", "--create-network", "X", "--report", "json")
    report = json.loads(again.stdout)
    assert report["created"] + report["unchanged"] == 400


@pytest.mark.django_db(transaction=True)
def test_confirming_twice_at_once_writes_once(stage):
    batch = stage(published(*(GARDEN | {"title": f"Fiche {n}"} for n in range(30))))
    failures = []

    def confirm():
        try:
            apply_import(actor=SYSTEM, batch=batch)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Action.objects.count() == 30


@pytest.mark.django_db
def test_settings_are_safe_by_default():
    assert not settings.DEBUG
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone()[0] == "wal"
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone()[0] == 2
