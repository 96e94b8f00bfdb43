"""Every page of a team with 10 and with 1,000 rows of each kind: its queries, and its time with 8 clients."""

import json

from bench.instance import run, serve
from bench.machine import load, quantile, server, temporary_folder

SECONDS = 4
LIMIT = 15  # queries
PREPARE = """
import json, sys
from datetime import date, timedelta
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.texts import GARDEN, published
from django.core.files.base import ContentFile
from tisserand.actions.models import Action
from tisserand.actions.operations.imports import deposit_import, read_import
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, submit
from tisserand.actions.operations.remarks import add_remark
from tisserand.actions.operations.sheets import create_action, update_action
from tisserand.config.server import collect_static
from tisserand.network.models import User
from tisserand.network.operations import (
    Terms, create_network, ensure_structure, grant_role, invite, open_account, sign_agreement
)
from tisserand.privacy.journal import SYSTEM
rows = {rows}
network = create_network(actor=SYSTEM, slug="banc", name="Banc")
staff = open_account(actor=SYSTEM, email="mission@exemple.example", password="une-longue-phrase")
grant_role(actor=SYSTEM, user=staff, network=network, kind="network_admin")
home = ensure_structure(actor=SYSTEM, network=network, name="Centre du banc", department="Aisne")
writer = open_account(actor=SYSTEM, email="membre@exemple.example", password="une-longue-phrase")
grant_role(actor=SYSTEM, user=writer, network=network, structure=home, kind="director")
text = {{"summary": "Un jardin.", "description": "On jardine à 12 habitants.", "people": "3 bénévoles et 40 habitants"}}
today, long_ago = date.today(), timezone.now() - timedelta(days=900)
for n in range(rows):
    structure = ensure_structure(actor=SYSTEM, network=network, name=f"Centre {{n}}", department="Aisne")
    stale = create_action(
        actor=SYSTEM, network=network, structure=home, values=text | {{"title": f"Ancienne {{n}}"}}, published_at=long_ago
    )
    draft = create_action(actor=SYSTEM, network=network, structure=home, values=text | {{"title": f"Proposée {{n}}"}})
    submit(actor=SYSTEM, action=draft)
    add_remark(actor=SYSTEM, action=draft, field="summary", text="Dites pour qui.", token=f"r{{n}}")
    begin_sheet(actor=writer, network=network, structure=home, title=f"Brouillon {{n}}", token=f"b{{n}}")
    user = User.objects.create(email=f"foule{{n}}@exemple.example", first_name="Personne", last_name=str(n))
    grant_role(actor=SYSTEM, user=user, network=network, structure=home, kind="member")
    invite(actor=SYSTEM, network=network, kind="reader", email=f"invite{{n}}@exemple.example")
    sign_agreement(
        actor=SYSTEM, network=network, structure=structure, terms=Terms(f"Charte {{n}}", today, today + timedelta(days=20))
    )
for n in range(min(rows, 30)):
    stale.refresh_from_db()
    update_action(actor=SYSTEM, action=stale, revision=stale.revision, values={{"limits": f"Version {{n}}"}})
rewrite(actor=SYSTEM, action=stale)
sheets = (GARDEN | {{"title": f"Venue {{n}}"}} for n in range(rows))
batch = deposit_import(
    actor=SYSTEM, network=network, file=ContentFile(published(*sheets).encode()), filename="b.txt", token="b"
)
read_import(actor=SYSTEM, batch=batch)
collect_static()
wanted = {pages}
things = {{"sheet": stale.pk, "proposed": draft.pk, "home": home.slug, "import": batch.pk}}
measured = []
for who, user in (("team", staff), ("writer", writer)):
    client = Client(headers={{"host": "localhost"}})
    client.force_login(user)
    for audience, name, thing in wanted:
        if audience != who:
            continue
        path = reverse(name, args=[things[thing]] if thing else [])
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path, follow=True)
        measured.append((who, path, len(captured), answer.status_code, client.cookies["sessionid"].value))
print(json.dumps(measured))
"""
# Who asks, the name of the page, what it is about.
PAGES = [
    ("team", "staff-home", ""), ("team", "imports", ""), ("team", "import", "import"), ("team", "facts", ""),
    ("team", "sheet-facts", "sheet"), ("team", "drafts", ""), ("team", "lists", ""), ("team", "people", ""),
    ("team", "agreements", ""), ("team", "ties", "home"), ("team", "structure-edit", "home"),
    ("writer", "staff-home", ""), ("writer", "people", ""),
]  # fmt: skip


def main(port: int = 8035) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for rows in (10, 1_000):
        variables = {"TISSERAND_DATA": str(temporary_folder())}
        measured = json.loads(run(variables, PREPARE.format(rows=rows, pages=PAGES)).splitlines()[-1])
        with server(serve(port), port, variables):
            for who, path, queries, status, session in measured:
                assert status == 200, (path, status)
                load(port, [path], 2, 1, cookie=session)  # each process reads its code once
                _rate, taken = load(port, [path], 8, SECONDS, cookie=session)
                mark = "" if queries <= LIMIT else " (!)"
                told = f"{queries}{mark} | {quantile(taken, 0.5) * 1000:.0f} / {quantile(taken, 0.95) * 1000:.0f} ms"
                found.setdefault((who, _general(path)), []).append(told)
    print("| page | who | queries, 10 rows | p50 / p95 | queries, 1,000 rows | p50 / p95 |\n|---|---|---|---|---|---|")
    for (who, path), told in found.items():
        print(f"| `{path}` | {who} | {' | '.join(told)} |")


def _general(path: str) -> str:
    """The address without its number, which is not the same in both instances."""
    return "/".join("N" if part.isdecimal() else part for part in path.split("/"))
