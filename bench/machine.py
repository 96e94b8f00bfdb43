"""What the figures were measured on, and the tools that measure."""

import http.client
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

FOLDER = Path(os.environ.get("TISSERAND_BENCH", "var/bench")).resolve()


def describe() -> str:
    """The machine in one line."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**3
    return f"{os.cpu_count()} cores ({model}), {memory} GiB, {platform.system()}, Python {platform.python_version()}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value under which *share* of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def told(values: Sequence[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    return f"p50 {statistics.median(values) * 1000:.1f} ms, p95 {quantile(values, 0.95) * 1000:.1f} ms"


def timed(work: Callable[[], object], times: int) -> list[float]:
    """How long each of *times* calls took, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


@contextmanager
def server(command: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[None]:
    """A server process that answers on *port*, stopped at the end."""
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            try:
                get(port, "/")
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"the server stopped: {' '.join(command)}") from None
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def get(port: int, path: str) -> bytes:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": f"localhost:{port}", "Accept-Encoding": "gzip"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        raise SystemExit(f"{path}: {response.status}")
    return content


def load(
    port: int,
    paths: Sequence[str],
    clients: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    form: Callable[[int], dict[str, str]] | None = None,
) -> tuple[float, list[float]]:
    """Requests per second and the time of each, with *clients* asking without a pause.

    Args:
        headers: of whoever asks.
        form: what a client sends, by its number; each then has the path of this number as its own.
    """
    headers = {"Host": f"localhost:{port}", **(headers or {})}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    taken: list[float] = []
    stop = time.perf_counter() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        turn = number if form else number * 7
        while time.perf_counter() < stop:
            sent = urlencode(form(number)) if form else None
            start = time.perf_counter()
            connection.request("POST" if form else "GET", paths[turn % len(paths)], sent, headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise SystemExit(f"{paths[turn % len(paths)]}: {response.status}")
            taken.append(time.perf_counter() - start)
            turn += 0 if form else 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken) / (time.perf_counter() - start), taken


def environment(name: str, *packages: str) -> Path:
    """The Python of an environment of its own for a peer."""
    folder = FOLDER / "peers" / name
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    return python


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own with its default durability, or nothing."""
    from tools.test import postgresql as temporary

    with temporary() as address:
        yield address


def temporary_folder() -> Path:
    """A new folder that the run forgets."""
    return Path(tempfile.mkdtemp(prefix="tisserand-bench-"))
