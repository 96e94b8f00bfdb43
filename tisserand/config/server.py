"""The production server: gunicorn with threads, and the worker of long tasks beside it."""

import ctypes
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from gunicorn.app.base import BaseApplication

WORKERS = 2
THREADS = 4


class Server(BaseApplication):
    """gunicorn, configured here rather than by its own command line."""

    def __init__(self, host: str, port: int) -> None:
        self._bind = f"{host}:{port}"
        self._worker: subprocess.Popen[bytes] | None = None
        super().__init__()

    def load_config(self) -> None:
        """Bind, threads, time-outs; start and stop the worker with the server."""
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
            "when_ready": lambda _arbiter: self._start_worker(),
            "on_exit": lambda _arbiter: self._stop_worker(),
        }
        for key, value in options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Any:
        """The application, loaded before the processes part; none of them may share a connection."""
        from tisserand.config.wsgi import application

        connections.close_all()
        return application

    def _start_worker(self) -> None:
        command = [sys.executable, "-m", "tisserand", "db_worker", "--interval", "1"]
        self._worker = subprocess.Popen(command, preexec_fn=_die_with_parent)  # noqa: PLW1509 - no thread yet

    def _stop_worker(self) -> None:
        if self._worker:
            self._worker.terminate()
            try:
                self._worker.wait(10)
            except subprocess.TimeoutExpired:
                self._worker.kill()


def _die_with_parent() -> None:
    """Linux: a worker whose server was killed must not go on alone."""
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
    folders = [settings.PACKAGE / "common" / "static"]
    return [path for folder in folders for path in folder.rglob("*")] + [Path(__file__)]
