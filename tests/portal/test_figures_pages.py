"""The page of figures and its readings: what is found at once, what is asked before it is frozen."""

import pytest

from tests.texts import GARDEN_VALUES
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
