"""The figures of the catalogue, counted again by hand from the sheets."""

import csv
import io

import pytest

from tests.factories import NetworkFactory
from tisserand.actions.enums import FactKind
from tisserand.actions.figures import CatalogueScope
from tisserand.actions.models import Action, Fact
from tisserand.actions.operations.facts import accept_fact, dismiss_fact
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.actions.operations.life import archive
from tisserand.actions.queries import published
from tisserand.figures.engine import Breakdown, compute
from tisserand.figures.models import Snapshot
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheets(make_action, network):
    make_action(title="A", partners=["Caf", "Commune"], initiators=["Un habitant"], dimension=["Services"])
    make_action(title="B", partners=["Caf"], initiators=["Le centre social", "Un groupe d'habitants"])
    make_action(title="C", dimension=["Services"], funding="Budget : 300 €")
    make_action(title="D", partners=["Caf"], draft=True)
    return network


def test_shares(sheets):
    results = compute("actions.share.", CatalogueScope.of(sheets))
    told = {key: (figure.numerator, figure.denominator) for key, figure in results.items()}
    assert told == {
        "actions.share.partner": (2, 3),
        "actions.share.residents": (2, 3),
        "actions.share.budget": (0, 3),
        "actions.share.taken-up": (0, 3),
    }


def test_a_budget_counts_once_accepted_and_no_more_once_set_aside(sheets, staff):
    fact = Fact.objects.get(kind=FactKind.MONEY)
    accept_fact(actor=staff, fact=fact)
    assert compute("actions.share.budget", CatalogueScope.of(sheets))["actions.share.budget"].numerator == 1
    dismiss_fact(actor=staff, fact=fact)
    assert compute("actions.share.budget", CatalogueScope.of(sheets))["actions.share.budget"].numerator == 0


def test_breakdowns_agree_with_the_sheets_and_lead_to_them(sheets, client):
    for result in compute("actions.by.", CatalogueScope.of(sheets)).values():
        assert isinstance(result, Breakdown)
        if not result.overlapping:
            assert sum(row.numerator for row in result.rows) == 3
        for row in result.rows:
            page = client.get("/api/actions?" + row.evidence.split("?")[1])
            if "without" not in row.evidence:
                assert page.json()["count"] == row.numerator, row
    rows = compute("actions.by.partner", CatalogueScope.of(sheets))["actions.by.partner"].rows
    assert [(row.label, row.numerator) for row in rows] == [("Caf", 2), ("Commune", 1), ("Non précisé", 1)]


def test_every_evidence_page_counts_the_same(sheets, client):
    for result in compute("actions.", CatalogueScope.of(sheets)).values():
        for row in result.rows if isinstance(result, Breakdown) else [result]:
            assert client.get(row.evidence).context["count"] == row.numerator


def test_what_is_unpublished_is_no_longer_counted(sheets):
    archive(actor=SYSTEM, action=Action.objects.get(title="A"))
    figure = compute("actions.share.partner", CatalogueScope.of(sheets))["actions.share.partner"]
    assert (figure.numerator, figure.denominator) == (1, published().count()) == (1, 2)


def test_a_scope_is_found_again_by_its_key_and_by_its_address(sheets):
    for scope in (CatalogueScope.of(sheets), CatalogueScope.of(None)):
        assert CatalogueScope.from_key(scope.key).key == scope.key
    assert CatalogueScope.from_address("").network == CatalogueScope.from_address(sheets.slug).network == sheets
    assert CatalogueScope.from_address("ailleurs") is CatalogueScope.from_key("network:ailleurs") is None
    NetworkFactory()
    assert CatalogueScope.from_address("").network is None


def test_a_reading_outlives_its_network(sheets, staff, client):
    snapshot = freeze_catalogue(actor=staff, network=sheets)
    Snapshot.objects.filter(pk=snapshot.pk).update(scope="network:disparu")
    page = client.get(snapshot.get_absolute_url())
    assert page.context["intact"]
    assert all(one.now is None for one in page.context["differences"])


def test_a_frozen_reading_keeps_its_numbers(sheets, staff, make_action, client):
    snapshot = freeze_catalogue(actor=staff, network=sheets)
    make_action(title="E", partners=["Caf"])
    page = client.get(snapshot.get_absolute_url())
    moved = [one for one in page.context["differences"] if one.moved]
    assert page.context["intact"]
    assert moved
    assert all(one.then is None or one.then["denominator"] == 3 for one in moved)


def test_each_exported_row_says_which_figure_it_belongs_to(client, make_action):
    make_action(title="A", keywords=["Jeunesse"], public=["Jeunesse"])
    response = client.get("/chiffres/export.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert list(rows[0])[:4] == ["Rubrique", "Chiffre", "Nombre", "Base"]
    assert [row["Rubrique"] for row in rows if row["Chiffre"] == "Jeunesse"] == ["Par mot-clé", "Par public"]
    assert rows[0]["Rubrique"] == "Menées avec un partenaire"
