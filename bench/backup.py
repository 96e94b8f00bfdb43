"""Backup and restore of one gigabyte: a database of 300 MB and 700 MB of deposited files; a tenth on PostgreSQL."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.instance import instance
from bench.machine import postgresql, temporary_folder

SHEETS = 34_500  # 8.7 kB each, index included
FILES = 700  # of one megabyte, already compressed as PDF and pictures are


def main() -> None:
    work = temporary_folder()
    try:
        whole = Path(instance(SHEETS)["TISSERAND_DATA"])
        fill(whole, FILES)
        tell("SQLite, 1 GB", {"TISSERAND_DATA": str(whole)}, {"TISSERAND_DATA": str(work / "elsewhere")}, work)
        raw_copy(whole, work)
        small = Path(instance(SHEETS // 10)["TISSERAND_DATA"])
        fill(small, FILES // 10)
        with postgresql() as address:
            if address:
                to_postgresql(small, address, work)
    finally:
        shutil.rmtree(work)


def fill(folder: Path, count: int) -> None:
    files = folder / "files/imports"
    files.mkdir(parents=True, exist_ok=True)
    for number in range(len(list(files.iterdir())), count):
        (files / f"{number}.bin").write_bytes(os.urandom(1_000_000))


def tell(title: str, source: dict[str, str], target: dict[str, str], work: Path) -> None:
    archive = work / f"{len(list(work.iterdir()))}.tar.gz"
    taken = {"backup": run(source, "backup", archive), "restore": run(target, "restore", archive)}
    database = Path(source["TISSERAND_DATA"]) / "tisserand.sqlite3"
    size = f", database {database.stat().st_size / 1e6:.0f} MB" if database.exists() else ""
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in taken.items())
    print(f"{title}{size}: archive {archive.stat().st_size / 1e6:.0f} MB, {told}")


def to_postgresql(small: Path, address: str, work: Path) -> None:
    """From SQLite to PostgreSQL, then from PostgreSQL to itself."""
    base = address.rsplit("/", 1)[0]
    servers = []
    for name in ("first", "second"):
        subprocess.run(["psql", "-q", address, "-c", f"CREATE DATABASE {name}"], check=True)
        servers.append({"TISSERAND_DATA": str(work / name), "TISSERAND_DATABASE_URL": f"{base}/{name}"})
    tell("SQLite to PostgreSQL, a tenth", {"TISSERAND_DATA": str(small)}, servers[0], work)
    tell("PostgreSQL, a tenth", servers[0], servers[1], work)


def raw_copy(folder: Path, work: Path) -> None:
    """What is compared: tar and gzip of the stopped instance, which verify nothing."""
    start = time.perf_counter()
    names = ["tisserand.sqlite3", "files", "secret_key"]
    subprocess.run(["tar", "-C", folder, "-I", "gzip -1", "-cf", work / "raw.tar.gz", *names], check=True)
    packed = time.perf_counter()
    (work / "raw").mkdir()
    subprocess.run(["tar", "-C", work / "raw", "-xf", work / "raw.tar.gz"], check=True)
    taken = f"{packed - start:.1f} s, out again {time.perf_counter() - packed:.1f} s"
    print(f"tar and gzip -1 of the same, stopped and unverified: {taken}")


def run(variables: dict[str, str], *arguments: object) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "tisserand", *map(str, arguments)]
    subprocess.run(command, env={**os.environ, **variables}, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
