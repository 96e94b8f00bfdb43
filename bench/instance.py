"""An instance of the product with generated sheets, made once and kept between runs."""

import os
import subprocess
import sys
import time
from pathlib import Path

from bench.machine import FOLDER


def instance(count: int, address: str = "") -> dict[str, str]:
    """The environment of an instance with *count* sheets, on SQLite or on the PostgreSQL at *address*."""
    folder = FOLDER / f"{'postgresql' if address else 'sqlite'}-{count}"
    variables = {"TISSERAND_DATA": str(folder)}
    if address:
        variables["TISSERAND_DATABASE_URL"] = address
    if address or not (folder / "ready").exists():
        print(f"loading {count:,} sheets…", flush=True)
        start = time.perf_counter()
        run(variables, f"from bench.data import load; load({count})")
        print(f"loaded and indexed in {time.perf_counter() - start:.0f} s", flush=True)
        (folder / "ready").touch()
    return variables


def run(variables: dict[str, str], code: str) -> str:
    """Run Python in the instance; what it prints."""
    command = [sys.executable, "-m", "tisserand", "shell", "--no-imports", "-c", code]
    done = subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True, text=True)
    return done.stdout


def serve(port: int) -> list[str]:
    """The command that serves the product."""
    return [sys.executable, "-m", "tisserand", "serve", "--port", str(port)]


def size(folder: str) -> float:
    """Megabytes of a data folder."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
