"""Importing 100,000 sheets from the published text, through the command, whole in one transaction."""

import os
import resource
import subprocess
import sys
import time

from bench.data import Sheets
from bench.machine import temporary_folder
from tests.texts import published

COUNT = 100_000


def main() -> None:
    folder = temporary_folder()
    path = folder / "sheets.txt"
    with path.open("w") as file:
        for sheet in Sheets(3).sheets(COUNT):
            file.write(published(sheet, header=False))
    print(f"{COUNT:,} sheets, {path.stat().st_size / 1e6:.0f} MB of text")
    variables = {**os.environ, "TISSERAND_DATA": str(folder / "data")}
    for told in ("new", "the same again"):
        start = time.perf_counter()
        command = [sys.executable, "-m", "tisserand", "import_actions", path, "--network", "b", "--create-network", "B"]
        subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL)
        taken = time.perf_counter() - start
        print(f"{told}: {taken:.0f} s, {COUNT / taken:.0f} sheets/s")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"memory at most: {peak:.0f} MB")
