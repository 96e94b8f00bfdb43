"""Every page of a team and of writers with 10 and with 1,000 rows of what it lists: its queries, its time with 8 clients.

Two writes of the form are measured too: a field that is saved, someone who says that they have the form open.
"""

import itertools
import json
import re
from collections.abc import Callable

from bench.instance import run, serve
from bench.machine import load, quantile, server, temporary_folder
from tisserand.actions.fields import mark

SECONDS = 4
ROWS = (10, 1_000)
LIMIT, SLOW = 15, 0.3  # queries, seconds: the goals
CLIENTS = 8
PEOPLE_THERE = "3 bénévoles et 40 habitants"
FILL = """
import json
from bench.desk import PAGES
from bench.rows import Rows, ask
things = Rows({rows}).fill()
print(json.dumps({{"things": things, **ask(PAGES, things)}}))
"""
SECTIONS = ("action", "avec-qui", "deroulement", "changements", "suite")
# Who asks, the name of the page, what it is about (`rows.Rows.things`).
PAGES: list[tuple[str, ...]] = [
    # First: these want a password typed in the last five minutes.
    ("writer", "account-data"), ("writer", "account-erase"), ("writer", "mfa_activate_totp"),
    ("writer", "mfa_add_webauthn"),
    ("team", "staff-home"), ("team", "my-sheets"), ("team", "sheet-begin"), ("team", "sheet-write", "proposed", "deroulement"),
    ("team", "sheet-propose", "proposed"), ("team", "reviews"), ("team", "review", "proposed"),
    ("team", "action", "public", "nouvelle"), ("team", "action-edit", "copy"), ("team", "action-history", "public"),
    ("team", "action-comparison", "public"), ("team", "action-version", "public", "1"),
    ("team", "action-take-up", "public"), ("team", "action-spread", "old"), ("team", "still-running", "old"),
    ("team", "stale"), ("team", "gaps"), ("team", "drafts"), ("team", "facts"), ("team", "sheet-facts", "proposed"),
    ("team", "attachments", "proposed"), ("team", "lists"), ("team", "imports"), ("team", "import", "import"),
    ("team", "people"), ("team", "person", "person"), ("team", "account-merge", "person"),
    ("team", "account-merge", "person", "?avec={other}"), ("team", "agreements"), ("team", "agreement", "agreement"),
    ("team", "ties", "home"), ("team", "structure", "home"), ("team", "structure-edit", "home"),
    ("team", "structure-merge", "home"), ("team", "structure-merge", "home", "?avec={beside}"), ("team", "register"),
    ("team", "register-edit"), ("team", "figures"), ("team", "gallery"), ("team", "account"),
    ("writer", "staff-home"), ("writer", "my-sheets"), ("writer", "sheet-begin"),
    *(("writer", "sheet-write", "under way", section) for section in SECTIONS),
    ("writer", "sheet-propose", "under way"), ("writer", "action-history", "public"),
    ("writer", "action-comparison", "public"), ("writer", "action-version", "public", "1"),
    ("writer", "action-take-up", "copy"), ("writer", "attachments", "under way"), ("writer", "still-running", "old"),
    ("writer", "people"), ("writer", "account"), ("writer", "account-name"), ("writer", "account-devices"),
    ("writer", "account-second-factor"), ("writer", "account_change_password"), ("writer", "account_email"),
]  # fmt: skip


def main(port: int = 8035) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for rows in ROWS:
        variables = {"TISSERAND_DATA": str(temporary_folder())}
        made = json.loads(run(variables, FILL.format(rows=rows)).splitlines()[-1])
        with server(serve(port), port, variables):
            for who, path, queries, status, size in made["pages"]:
                assert status == 200, (path, status)
                taken = _timed(port, path, made["headers"][who], made["things"])
                assert taken, path
                told = [f"{queries}{' (!)' if queries > LIMIT else ''}", f"{size / 1_000:.0f}"]
                slow = " (!)" if quantile(taken, 0.95) > SLOW else ""
                told.append(f"{quantile(taken, 0.5) * 1000:.0f} / {quantile(taken, 0.95) * 1000:.0f} ms{slow}")
                found.setdefault((who, _general(path)), []).extend(told)
    print("| page | who | queries, 10 rows | kB | p50 / p95 | queries, 1,000 rows | kB | p50 / p95 |")
    print("|---|---|---|---|---|---|---|---|")
    for (who, path), told in found.items():
        print(f"| `{path}` | {who} | {' | '.join(told)} |")


def _timed(port: int, path: str, headers: dict[str, str], things: dict[str, list[int]]) -> list[float]:
    paths, form = [path], None
    if path.endswith(("/champ/", "/presence/")):
        paths = [path.replace(str(things["fields"][CLIENTS]), str(sheet)) for sheet in things["fields"][:CLIENTS]]
        form = _saves()
    load(port, paths, 2, 1, headers, form)  # each process reads its code once
    return load(port, paths, CLIENTS, SECONDS, headers, form)[1]


def _saves() -> Callable[[int], dict[str, str]]:
    """What each client writes in its own sheet, each time something else over what it wrote before."""
    last = [PEOPLE_THERE] * CLIENTS
    turns = itertools.count()

    def form(number: int) -> dict[str, str]:
        before, last[number] = last[number], f"{next(turns)} habitants"
        return {"key": "people", "value": last[number], "base": mark(before)}

    return form


def _general(path: str) -> str:
    """The address without its number, which is not the same in both instances."""
    return re.sub(r"\d+", "N", path)
