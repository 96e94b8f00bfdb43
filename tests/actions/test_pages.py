"""Public pages of the catalogue: what they show, to whom, with how many queries."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.models import Action

pytestmark = pytest.mark.django_db
MAX_QUERIES = 15


def body(response) -> bytes:
    """The content, streamed or not; a stream read to its end closes its file."""
    return b"".join(response) if response.streaming else response.content


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(captured)


PAGES = [
    "/", "/toile/", "/actions/", "/actions/?q=jardin", "/actions/?partner=caf&sort=title", "/actions/flux.atom", "/structures/",
    "/structures/?q=navette", "/chiffres/", "/api/actions", "/api/actions?q=jardin", "/api/structures", "/accessibilite/",
    "/donnees/", "/connexion/", "/api/",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_queries_are_the_same_for_few_and_many(client, make_action, address):
    for number in range(2):
        make_action(**GARDEN_VALUES | {"title": f"Jardin {number}"})
    client.get(address)
    few = queries(client, address)
    for number in range(12):
        make_action(**GARDEN_VALUES | {"title": f"Autre jardin {number}"})
    client.get(address)  # the process takes note of the new version
    many = queries(client, address)
    assert many == few <= MAX_QUERIES


def test_one_sheet_shows_all_that_it_holds_and_nothing_empty(client, bring):
    bring(published(GARDEN | {"keywords": ["Viellissement"], "public": "Les gens du fleuve", "limits": ""}))
    action = Action.objects.get()
    with CaptureQueriesContext(connection) as captured:
        page = client.get(action.get_absolute_url()).content.decode()
    assert len(captured) <= MAX_QUERIES
    for text in ("Le jardin des remparts", "Centre social La Navette", "Douze parcelles", "Les gens du fleuve", "Caf"):
        assert text in page
    assert "à vérifier" in page
    assert "Viellissement" in page  # the original stays visible beside what it was read as
    assert "Vieillissement" in page
    assert "Résultat sur le territoire" not in page
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert data["headline"] == GARDEN["title"]


def test_json_ld_cannot_be_closed_by_a_title(client, make_action):
    action = make_action(title="</script><script>alert(1)</script>")
    page = client.get(action.get_absolute_url()).content.decode()
    assert "<script>alert" not in page


def test_addresses_are_stable(client, make_action):
    action = make_action(title="Le pain du mercredi")
    assert action.get_absolute_url() == f"/actions/{action.pk}/le-pain-du-mercredi/"
    for other in (f"/actions/{action.pk}/", f"/actions/{action.pk}/un-ancien-titre/"):
        response = client.get(other)
        assert (response.status_code, response["Location"]) == (301, action.get_absolute_url())


def test_drafts_are_for_the_team_only(client, make_action, staff, stranger):
    draft = make_action(title="Brouillon secret", draft=True)
    addresses = [
        draft.get_absolute_url(),
        f"/actions/{draft.pk}/fiche.pdf",
        f"/actions/{draft.pk}/",
        f"/api/actions/{draft.pk}",
    ]
    for user in (None, stranger):
        if user:
            client.force_login(user)
        assert [client.get(address).status_code for address in addresses] == [404] * 4
        for listing in (
            "/actions/?q=secret",
            "/api/actions?q=secret",
            "/actions/export.json?q=secret",
            "/",
            "/chiffres/",
            "/actions/flux.atom",
        ):
            response = client.get(listing)
            assert b"Brouillon secret" not in body(response)
    client.force_login(staff)
    assert client.get(addresses[0]).status_code == 200


@pytest.mark.parametrize("format", ["pdf", "odt", "docx"])
def test_a_sheet_can_be_printed(client, bring, format):
    bring(published(GARDEN))
    response = client.get(f"/actions/{Action.objects.get().pk}/fiche.{format}")
    assert response.status_code == 200
    assert response.content[:4] == {"pdf": b"%PDF"}.get(format, b"PK\x03\x04")
    assert "jardin-des-remparts" in response["Content-Disposition"]


def test_the_address_holds_the_state(client, make_action):
    for number in range(25):
        make_action(title=f"Jardin {number:02}", partners=["Caf"] if number % 2 else ["Commune"])
    page = client.get("/actions/?q=jardin&partner=caf&partner=commune&sort=title")
    assert page.context["count"] == 25
    assert len(page.context["results"]) == 20
    rest = client.get("/actions/?" + page.context["next_address"])
    assert [one["title"] for one in rest.context["results"]] == [f"<mark>Jardin</mark> {n}" for n in range(20, 25)]
    assert {tag["label"] for tag in page.context["tags"]} == {"Caf", "Commune"}


def test_htmx_gets_the_results_alone(client, make_action):
    make_action(title="Jardin")
    page = client.get("/actions/?q=jardin", headers={"HX-Request": "true"}).content.decode()
    assert "Jardin" in page
    assert "<html" not in page


def test_nothing_found_proposes_other_words(client, make_action):
    make_action(title="Permanence numérique")
    page = client.get("/actions/?q=permanance numerike")
    assert page.context["suggestion"] == "permanence numerique"


@pytest.mark.parametrize(
    "query",
    [
        "cursor=zzz",
        "cursor=WzFd",
        "q=%00",
        "sort=nothing",
        "partner=",
        "q=" + "a" * 5000,
        "cursor=WyJhIiwgMV0",
        "structure=%F0%9F%8C%B1",
    ],
)
@pytest.mark.parametrize("base", ["/actions/", "/api/actions", "/actions/export.csv", "/structures/", "/chiffres/"])
def test_odd_addresses_are_answered(client, make_action, base, query):
    make_action(title="Jardin")
    response = client.get(f"{base}?{query}")
    body(response)
    assert response.status_code in {200, 400, 422}


def test_exports_of_a_selection(client, make_action):
    make_action(title="Jardin", partners=["Caf"])
    make_action(title="Autre")
    rows = body(client.get("/actions/export.csv?partner=caf")).decode()
    assert "Jardin" in rows
    assert "Autre" not in rows
    assert rows.startswith("\ufeffTitre;Structure;")
    assert client.get("/actions/export.exe").status_code == 404


def test_the_feed_is_atom(client, make_action):
    make_action(title="Le jardin \x0b & <la> table", summary="Résumé")
    tree = ElementTree.fromstring(client.get("/actions/flux.atom").content)
    assert tree.find("{*}entry/{*}title").text == "Le jardin   & <la> table"


def test_a_search_that_finds_nothing_offers_less(client, bring):
    bring(
        published(
            GARDEN | {"title": "Sortie des enfants", "structure": "Centre A", "department": "Marne"},
            GARDEN | {"title": "Accueil de personnes handicapées", "structure": "Centre B", "department": "Aisne"},
        )
    )
    page = client.get("/actions/?q=enfants+handicapés+").content.decode()
    assert 'href="?q=enfants"' in page
    assert 'href="?q=handicap%C3%A9s"' in page
    page = client.get("/actions/?q=enfants+&department=aisne").content.decode()
    assert 'href="?q=enfants+"' in page
    assert "sans filtre" in page
