"""The production server: gunicorn with threads, and beside it the worker of long tasks.

`serve` is the parent of both. It starts the worker again when it dies, and stops both when it stops.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

WORKERS = 2
THREADS = 4
RESTART_AFTER = 2  # seconds: a worker that dies at once must not spin


class ServerLog(Logger):
    """gunicorn's own words go through our log, which leaves out addresses and query strings."""

    def setup(self, cfg: Any) -> None:
        """Keep the levels, not the handlers."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):
    """gunicorn, configured here rather than by its own command line."""

    def __init__(self, host: str, port: int) -> None:
        self._bind = f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """Bind, threads, time-outs."""
        options: dict[str, Any] = {
            "bind": [self._bind],
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "preload_app": True,  # loaded once, then forked
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "logger_class": ServerLog,
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """The application, loaded before the processes part; none of them may share a connection."""
        from tisserand.config.wsgi import application

        connections.close_all()
        return application


def supervise(host: str, port: int) -> NoReturn:
    """Run the web server and the worker until told to stop, or until the web server ends."""
    connections.close_all()
    web = _fork_web(host, port)
    children = {"web": web, "worker": _start_worker()}
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(children))
    while True:
        pid, status = os.wait()
        if pid == web:
            _end(children["worker"])
            sys.exit(os.waitstatus_to_exitcode(status))
        time.sleep(RESTART_AFTER)
        children["worker"] = _start_worker()


def _fork_web(host: str, port: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    _die_with_parent()
    Server(host, port).run()
    os._exit(0)


def _start_worker() -> int:
    command = [sys.executable, "-m", "tisserand", "worker"]
    return subprocess.Popen(command, preexec_fn=_die_with_parent).pid  # noqa: PLW1509 - this process has no thread


def _stop(children: dict[str, int]) -> NoReturn:
    for pid in children.values():
        _end(pid)
    for pid in children.values():
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            continue
    sys.exit(0)


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:
    """Linux: what was started for a server that was killed must not go on alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def collect_static() -> None:
    """Hash and compress the static files when the code is newer than what was collected."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    newest = max(path.stat().st_mtime for path in _static_sources())
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        manifest.touch()


def _static_sources() -> list[Path]:
    static = settings.PACKAGE / "common" / "static"
    return [*static.rglob("*"), Path(__file__)]
