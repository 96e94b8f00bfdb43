"""Public pages of the catalogue: what they show, to whom, with how many queries."""

import base64
import json
import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.documents import sheet_data
from tisserand.actions.models import Action
from tisserand.actions.queries import one_with_content
from tisserand.network.models import Structure

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


def test_why_it_is_over_is_told_unless_the_action_goes_on(client, make_action):
    told = {}
    for status in ("En cours", "Terminée", "terminee", "Arrêtée en mai", ""):
        action = make_action(status=[status] if status else [], ended_reason="La salle a fermé.")
        told[status] = "La salle a fermé." in client.get(action.get_absolute_url()).content.decode()
        assert action.ended_reason == "La salle a fermé."
        printed = sheet_data((one_with_content(Action.objects.all()).get(pk=action.pk), ""))["sections"]
        assert any(one["label"] == "Pourquoi elle est terminée" for one in printed) == told[status]
    assert told == {"En cours": False, "Terminée": True, "terminee": True, "Arrêtée en mai": True, "": True}


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
        assert (response.status_code, response["Location"]) == (302, action.get_absolute_url())


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
    assert tree.find("{*}entry/{*}title").text == "Le jardin & <la> table"


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


def test_each_page_says_which_sheets_it_shows(client, make_action):
    for number in range(45):
        make_action(title=f"Jardin {number:02}")
    for order in ("q=jardin", "q=jardin&sort=title", "sort=recent"):
        address, shown = f"/actions/?{order}", []
        while address:
            page = client.get(address)
            shown.append((page.context["first"], page.context["last"]))
            address = page.context["next_address"] and f"/actions/?{page.context['next_address']}"
        assert shown == [(1, 20), (21, 40), (41, 45)], order
        assert "Fiches 41 à 45 sur 45" in page.content.decode()


def test_the_rank_told_by_a_cursor_keeps_within_the_sheets_there_are(client, make_action):
    for number in range(3):
        make_action(title=f"Jardin {number}")
    cursor = base64.urlsafe_b64encode(json.dumps(["jardin 1", 0, 10**6]).encode()).decode()
    page = client.get(f"/actions/?sort=title&cursor={cursor}")
    assert page.context["last"] <= page.context["count"] == 3


def live(client, address: str, before: str):
    return client.get(address, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{before}"})


def test_a_live_search_renames_the_page(client, make_action):
    make_action(title="Jardin", partners=["Caf"])
    for answer, title in (
        (live(client, "/actions/?q=jardin", "/actions/"), "«\u00a0jardin\u00a0», 1 fiche · "),
        (client.get("/actions/?partner=caf"), "Caf, 1 fiche · "),
        (client.get("/actions/"), "Actions · "),
    ):
        told = re.search("<title>(.*?)</title>", answer.content.decode(), re.DOTALL)[1]
        assert told.replace("\n", "").startswith(title)


@pytest.mark.parametrize(
    ("before", "asked", "header", "value"),
    [
        ("/actions/", "/actions/?q=jar", "HX-Push-Url", "/actions/?q=jar"),
        ("/actions/?q=jar", "/actions/?q=jardin", "HX-Replace-Url", "/actions/?q=jardin"),
        ("/actions/?q=jardin", "/actions/?q=jar", "HX-Replace-Url", "/actions/?q=jar"),
        ("/actions/?q=jardin", "/actions/?q=jardin", "HX-Push-Url", "false"),
        ("/actions/?q=jardin", "/actions/?q=pain", "HX-Push-Url", "/actions/?q=pain"),
        ("/actions/?q=jardin", "/actions/?q=jardin&partner=caf", "HX-Push-Url", "/actions/?q=jardin&partner=caf"),
    ],
)
def test_a_step_back_is_another_search(client, make_action, before, asked, header, value):
    make_action(title="Jardin", partners=["Caf"])
    answer = live(client, asked, before)
    assert {name: answer[name] for name in ("HX-Push-Url", "HX-Replace-Url") if name in answer} == {header: value}


def test_the_button_of_the_filters_leads_to_the_results(client, make_action):
    make_action(title="Jardin")
    page = client.get("/actions/").content.decode()
    assert 'formaction="/actions/#liste">Voir la fiche</button>' in page
    assert '<div id="liste"' in page


def test_similar_sheets_say_why_in_few_words(client, make_action):
    shared = {
        "keywords": ["Culture", "Santé", "Insertion", "Jeunesse"],
        "partners": ["Caf", "MSA"],
        "public": ["Adultes"],
    }
    one = make_action(title="La chorale", **shared)
    make_action(title="Le théâtre", **shared)
    for number in range(6):
        make_action(title=f"Autre {number}")
    page = client.get(one.get_absolute_url()).content.decode()
    reasons = re.search(r"Le théâtre</a></h3>\s*<p>(.*?)</p>", page, re.DOTALL)[1]
    keywords, other = reasons.split("<br>")
    assert keywords.startswith("Mêmes mots-clés\u00a0: ")
    assert keywords.count(",") == 2  # three of the four
    assert other == "Même public\u00a0: Adultes"


def test_a_sheet_says_under_its_title_who_leads_it_where_and_how_to_reach_them(client, make_action):
    action = make_action(title="Jardin")
    reach = {"commune": "Port-Ancy", "department": "Ardennes", "phone": "03 00 00 00 00", "email": "a@exemple.example"}
    Structure.objects.filter(pk=action.structure_id).update(**reach)
    page = client.get(action.get_absolute_url()).content.decode()
    byline = page.split("</h1>")[1].split("</p>")[0]
    places = [action.structure.name, *reach.values(), 'href="tel:0300000000"', 'href="mailto:a@exemple.example"']
    assert [byline.index(text) >= 0 for text in places]


def test_what_people_wrote_stays_french_on_an_english_page(client, bring):
    bring(published(GARDEN))
    client.cookies["django_language"] = "en"
    action = Action.objects.get()
    sheet = client.get(action.get_absolute_url()).content.decode()
    found = client.get("/actions/?q=jardin").content.decode()
    assert '<html lang="en"' in sheet
    assert f'<h1><span lang="fr">{GARDEN["title"]}</span></h1>' in sheet
    assert '<span lang="fr">Caf</span></a>' in sheet
    assert re.search(r'<h2 class="title"><a [^>]*><span lang="fr">Le <mark>jardin</mark> des remparts</span>', found)
    assert '<span lang="fr">Centre social La Navette' in found
    assert re.search(r"on \d+ [A-Z][a-z]+ 20\d\d", sheet)  # a British date
    client.cookies["django_language"] = "fr"
    assert '<span lang="fr">' not in client.get(action.get_absolute_url()).content.decode()


def test_values_begin_with_a_capital_wherever_they_are_shown(client, make_action):
    action = make_action(title="Jardin", keywords=["intergénérationnel"], public=["familles"])
    for address in ("/actions/", "/actions/?keyword=intergenerationnel", action.get_absolute_url(), "/chiffres/", "/"):
        page = client.get(address).content.decode()
        assert ">Intergénérationnel" in page, address
        assert ">intergénérationnel" not in page, address
