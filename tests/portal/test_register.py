"""The register of processing is filled from the rules; who answers for the data is said by the administration."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NetworkFactory
from tisserand.common.typography import typo
from tisserand.documents.registry import render
from tisserand.network.models import Controller
from tisserand.network.operations import grant_role
from tisserand.portal.documents import register_data
from tisserand.portal.register import MEASURES, register_lines
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry
from tisserand.privacy.registry import rules

pytestmark = pytest.mark.django_db
PAGE, EDIT = "/equipe/registre/", "/equipe/registre/responsable/"
SAID = {
    "name": "Association de la Loude",
    "address": "1 rue",
    "contact": "droits@loude.example",
    "officer": "Ana Lopes",
}


def text(answer) -> str:
    return answer.content.decode().replace("&#x27;", "’")


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


def test_every_kind_of_data_is_in_the_register_once(office):
    kinds = [str(model.label) for model in rules().values() if model.personal]
    told = [kind.name for line in register_lines() for kind in line.kinds]
    assert sorted(told) == sorted(kinds)
    page = text(office.get(PAGE))
    for line in register_lines():
        for word in (line.name, line.purpose, line.basis, line.people):
            assert typo(word).replace("'", "’") in page, word
        for kind in line.kinds:
            row = page.partition(f'<th scope="row">{typo(kind.name)}\n')[2].partition("</tr>")[0]
            for word in (*kind.fields, *kind.why, kind.seen_by, *kind.how_long):
                assert typo(word).replace("'", "’") in row, word
    for one in MEASURES:
        assert typo(str(one)).replace("'", "’") in page


def test_each_duration_says_what_comes_then_and_nobody_is_you():
    lines = {kind.name: kind for line in register_lines() for kind in line.kinds}
    assert lines["Textes des fiches"].how_long == [
        "tant que la fiche existe, puis effacé",
        "le lien avec un compte\u00a0: la durée du compte, puis coupé",
    ]
    assert lines["Comptes"].seen_by.startswith("la personne elle-même, l’équipe du réseau")
    assert lines["Appareils connectés"].seen_by == "la personne elle-même"
    for kind in lines.values():
        assert not re.search(
            r"\b(vous|votre|vos)\b", " ".join([*kind.fields, *kind.why, kind.seen_by]), re.IGNORECASE
        ), kind


def test_the_administration_says_who_answers(office, admin, network):
    assert office.post(EDIT, {**SAID, "name": ""}).status_code == 422
    for _time in range(2):
        assert office.post(EDIT, SAID)["Location"] == PAGE
    assert Controller.objects.get(network=network).contact == SAID["contact"]
    assert JournalEntry.objects.filter(verb="network.controller_said", actor=f"user:{admin.pk}").count() == 1
    assert SAID["officer"] in text(office.get(PAGE))
    assert SAID["contact"] in text(office.get("/donnees/"))


def test_the_team_reads_and_does_not_write(staff_client, stranger, network):
    assert "Dire qui en répond" not in text(staff_client.get(PAGE))
    assert staff_client.post(EDIT, SAID).status_code == 403
    staff_client.force_login(stranger)
    assert staff_client.post(f"{EDIT}?network={network.slug}", SAID).status_code == 403
    assert not Controller.objects.exists()


@pytest.mark.parametrize("format", ["pdf", "odt"])
def test_it_is_printed(office, network, format):
    office.post(EDIT, SAID)
    answer = office.get(f"{PAGE}registre.{format}")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert len(answer.content) > 5_000
    assert office.get(f"{PAGE}registre.docx").status_code == 404


def test_what_is_printed_is_what_is_read(network):
    Controller.objects.create(network=network, **SAID)
    network.refresh_from_db()
    data = register_data(network)
    assert [one["label"] for one in data["sections"]][:-1] == [line.name for line in register_lines()]
    rows = [row for one in data["sections"][:-1] for row in one["blocks"][1]["rows"]]
    assert [row[0] for row in rows] == [kind.name for line in register_lines() for kind in line.kinds]
    assert [SAID["name"], SAID["address"]] in [one["values"] for one in data["rail"]]
    assert render("portal.register", network, "pdf").filename == "registre-des-traitements.pdf"


def test_queries_stay_few(office, admin):
    counts = []
    for more in (0, 2):
        for _n in range(more):
            other = NetworkFactory()
            Controller.objects.create(network=other, **SAID)
            grant_role(actor=SYSTEM, user=admin, network=other, kind="network_admin")
        for page in (PAGE, "/donnees/"):
            with CaptureQueriesContext(connection) as asked:
                assert office.get(page).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 15
