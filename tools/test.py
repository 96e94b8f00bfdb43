"""`python -m tools.test [pytest arguments]`: the suite on SQLite, then on PostgreSQL, and what was left out.

PostgreSQL is the server named by TISSERAND_TEST_POSTGRESQL, or one started here in a temporary folder from
the programs of the machine. TISSERAND_NOTHING_LEFT_OUT=1 makes an omission a failure (CI), except the checks
against a corpus of real texts: no package brings it, and the suite must pass without it.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_ONCE = ("-n", "logical", "--dist", "worksteal")  # one process of tests for each core
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Run everything that this machine can run."""
    arguments = sys.argv[1:]
    left_out = []
    if not any(shutil.which(name) for name in CHROMIUM):
        left_out.append("browser tests: Chromium was not found (apt-get install chromium)")
    if not shutil.which("pdftotext"):
        left_out.append("some tests of documents: poppler was not found (apt-get install poppler-utils)")
    status = _pytest(arguments, {})
    with postgresql() as address:
        if address:
            print("\n=== the same on PostgreSQL ===", flush=True)
            status = _pytest(["-m", "not browser", *arguments], {"TISSERAND_DATABASE_URL": address}) or status
        else:
            left_out.append("the suite on PostgreSQL: no server was found (apt-get install postgresql)")
    print("\nLeft out: " + ("; ".join(left_out) if left_out else "nothing."))
    if not (Path(__file__).resolve().parents[2] / "shared" / "corpus").is_dir():
        print("The corpus of real texts is not beside the project: the checks against it were skipped.")
    sys.exit(status or int(bool(left_out) and bool(os.environ.get("TISSERAND_NOTHING_LEFT_OUT"))))


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory(prefix="tisserand-tests-") as folder:
        variables = {**os.environ, "TISSERAND_DATA": folder, **environment}
        return subprocess.call([sys.executable, "-m", "pytest", *AT_ONCE, *arguments], env=variables)


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a server for the tests, or an empty string."""
    given = os.environ.get("TISSERAND_TEST_POSTGRESQL", "")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if given or not programs:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="tisserand-pg-", ignore_cleanup_errors=True) as folder:
        data, binaries, port = Path(folder) / "db", programs[-1].parent, _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres")
        _as_server(binaries / "initdb", "-D", data, "-A", "trust", "-U", "tisserand", "--locale=C.UTF-8", "-E", "UTF8")
        _as_server(binaries / "pg_ctl", "-D", data, "-o", options, "-l", Path(folder) / "log", "-w", "start")
        try:
            yield f"postgres://tisserand@127.0.0.1:{port}/postgres"
        finally:
            _as_server(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _as_server(*command: object) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
