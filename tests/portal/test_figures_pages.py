"""The page of figures and its readings: what is found at once, what is asked before it is frozen."""

import re
from html import unescape

import pytest
from django.utils import translation

from tests.texts import GARDEN_VALUES
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.figures.models import Snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheets(make_action):
    for number in range(4):
        partners = ["Caf", "Commune"] if number else ["MSA"]
        make_action(**GARDEN_VALUES | {"title": f"Jardin {number}", "partners": partners})


def test_freezing_is_confirmed_on_a_page_that_says_it_cannot_be_undone(staff_client, network, sheets):
    address = f"/chiffres/figer/?network={network.slug}"
    figures = staff_client.get("/chiffres/").content.decode()
    assert f'href="{address}"' in figures
    assert '<form method="post" action="/chiffres/figer/"' not in figures
    page = staff_client.get(address).content.decode()
    assert "Cela ne se défait pas" in page
    assert "4 fiches publiées" in page
    assert f'name="network" value="{network.slug}"' in page
    assert Snapshot.objects.count() == 0
    answer = staff_client.post("/chiffres/figer/", {"network": network.slug})
    assert answer["Location"] == Snapshot.objects.get().get_absolute_url()


def test_how_many_have_a_partner_is_told_at_the_top_with_its_base_and_its_sheets(client, sheets):
    page = client.get("/chiffres/").content.decode()
    index = page.split('<nav class="part" aria-labelledby="sommaire">')[1].split("</nav>")[0]
    sheets_of_caf = re.search(r'Caf <a href="([^"]+)">3 sur 4</a>', " ".join(index.split()))[1]
    assert client.get(unescape(sheets_of_caf)).context["count"] == 3
    assert 'href="#actionsbypartner"' in page.split(index)[0]  # and before it, among the ways to each part
    leads = re.findall('href="#([^"]+)"', index)
    assert "actionsbypartner" in leads
    assert all(f'id="{one}"' in page for one in leads)


def test_a_reading_speaks_the_language_of_its_reader(client, staff, network, sheets):
    with translation.override("en"):
        snapshot = freeze_catalogue(actor=staff, network=network)
    address = snapshot.get_absolute_url()
    assert "sont nées à l’initiative d’habitants" in client.get(address).content.decode().lower()
    client.cookies["django_language"] = "en"
    page = client.get(address).content.decode()
    assert "started by residents" in page.lower()
    assert '<span lang="fr">Commune</span>' in page
    assert '<span lang="fr">Not stated' not in page
    with translation.override("fr"):
        assert freeze_catalogue(actor=staff, network=network) == snapshot  # a double click, in another language
