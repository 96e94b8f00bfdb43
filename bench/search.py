"""Search with facets over 100,000 sheets: the whole API answer, the bare search, and Datasette on the same rows."""

import json
import sqlite3
import statistics
from pathlib import Path
from urllib.parse import quote

from bench.data import Sheets
from bench.instance import instance, run, serve
from bench.machine import FOLDER, environment, get, load, quantile, server, told

COUNT = 100_000
SECONDS = 60  # each of the 300 searches is met several times, as the words of a network are
BARE = """
import time
from bench.data import Sheets
from tisserand.actions.search import SPACE
from tisserand.common.text import slug
from tisserand.search import postings
from tisserand.search.engine import search
asked = Sheets(2).searches(300)
search(SPACE, "jardin")
for held in (False, True):
    for text, filters in asked:
        if not held:
            postings.forget()
        start = time.perf_counter()
        search(SPACE, text + " ", {f: [slug(v)] for f, v in filters.items()}).ranked(20)
        print(time.perf_counter() - start)
"""


def addresses() -> list[str]:
    """What the clients ask of the API."""
    from tisserand.common.text import slug

    return [
        "/api/actions?q=" + quote(text + " ") + "".join(f"&{facet}={slug(value)}" for facet, value in filters.items())
        for text, filters in Sheets(2).searches(300)
    ]


def measure(variables: dict[str, str], port: int = 8031) -> dict[str, float]:
    """Bare search and API of one instance; prints and returns the figures in ms and requests per second."""
    times = [float(line) for line in run(variables, BARE).split()]
    bare, held = times[: len(times) // 2], times[len(times) // 2 :]
    print(f"bare search in the process, nothing kept from an earlier one: {told(bare)}; words kept: {told(held)}")
    with server(serve(port), port, variables):
        paths = addresses()
        for path in paths[:20] * 2:
            get(port, path)
        one, alone = load(port, paths, 1, SECONDS)
        eight, together = load(port, paths, 8, SECONDS)
    print(f"API, 1 client: {one:.1f} requests/s, {told(alone)}")
    print(f"API, 8 clients: {eight:.1f} requests/s, {told(together)}")
    ratio = quantile(alone, 0.95) / quantile(bare, 0.95)
    print(f"API p95, 1 client ÷ bare p95: {ratio:.1f}; words kept: {quantile(alone, 0.95) / quantile(held, 0.95):.1f}")
    return {"one": one, "eight": eight, "p50": statistics.median(alone), "p95": quantile(together, 0.95)}


def datasette_file() -> Path:
    """The same rows for Datasette, with a full-text index and the three facets of `peers`."""
    path = FOLDER / "datasette.db"
    if path.exists():
        return path
    database = sqlite3.connect(path)
    columns = (
        "title",
        "structure",
        "department",
        "status",
        "dimension",
        "public",
        "summary",
        "objectives",
        "description",
    )
    database.execute(f"CREATE TABLE sheets (id INTEGER PRIMARY KEY, {', '.join(columns)}, keywords, partners)")
    rows = (
        [number, *(sheet[c] for c in columns), json.dumps(sheet["keywords"]), json.dumps(sheet["partners"])]
        for number, sheet in enumerate(Sheets(1).sheets(COUNT))
    )
    database.executemany(f"INSERT INTO sheets VALUES ({', '.join('?' * (len(columns) + 3))})", rows)
    database.execute(
        "CREATE VIRTUAL TABLE sheets_fts USING fts5(title, summary, objectives, description, content=sheets, "
        "content_rowid=id, tokenize='unicode61 remove_diacritics 2')"
    )
    database.execute("INSERT INTO sheets_fts(sheets_fts) VALUES ('rebuild')")
    database.commit()
    return path


def datasette(port: int = 8032) -> tuple[float, float]:
    """Requests per second of Datasette with 1 and 8 clients, on the same words and three facets."""
    python = environment("datasette", "datasette==0.65.5")
    command = [str(python), "-m", "datasette", "serve", str(datasette_file()), "-p", str(port)]
    command += ["--setting", "sql_time_limit_ms", "10000", "--setting", "facet_time_limit_ms", "10000"]
    paths = [
        f"/datasette/sheets.json?_search={quote(text)}&_facet=public&_facet=dimension&_facet=department&_size=20"
        for text, _filters in Sheets(2).searches(300)
    ]
    with server(command, port):
        for path in paths[:5]:
            get(port, path)
        one, alone = load(port, paths, 1, SECONDS)
        eight, together = load(port, paths, 8, SECONDS)
    print(f"Datasette, 1 client: {one:.1f} requests/s, {told(alone)}")
    print(f"Datasette, 8 clients: {eight:.1f} requests/s, {told(together)}")
    return one, eight


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    variables = instance(COUNT)
    first = datasette()
    ours = measure(variables)
    last = datasette()
    print(f"ratio, 1 client: {ours['one'] / max(first[0], last[0]):.0f} × Datasette")
    print(f"ratio, 8 clients: {ours['eight'] / max(first[1], last[1]):.0f} × Datasette")
