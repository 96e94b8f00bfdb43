"""The first page after the door: what waits for each, and nothing that they could not do."""

import re
from html import unescape

import pytest

from tests.factories import UserFactory
from tests.texts import GARDEN, published
from tisserand.actions.models import Term
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


def home(client, user) -> str:
    client.force_login(user)
    return unescape(client.get("/equipe/").content.decode()).replace("\xa0", " ")


def buttons(page: str) -> list[str]:
    return re.findall(r'<a class="btn[^"]*" href="[^"]*">(.*?)</a>', page)


@pytest.fixture
def unknown(bring):
    bring(published(GARDEN | {"public": "Personnes agées"}), as_draft=True)
    Term.objects.exclude(label="Personnes agées").update(verified=True)


def test_values_are_to_verify_for_those_who_may(client, staff, admin, unknown):
    assert "Vérifier 1 valeur inconnue" in home(client, admin)
    page = home(client, staff)
    assert "Publier 1 fiche" in page
    assert "Vérifier" not in page


def test_each_button_says_what_it_does(client, admin, unknown, stage):
    stage(published(GARDEN | {"title": "Une autre"}), "autre.txt")
    page = home(client, admin)
    assert buttons(page) == ["Relire le fichier", "Vérifier les valeurs", "Relire les nombres", "Voir les brouillons"]
    assert "1 fiche nouvelle." in page


def test_a_file_that_changes_nothing_waits_for_nobody(client, staff, bring, stage):
    bring(published(GARDEN), "premier.txt")
    stage(published(GARDEN), "encore.txt")
    assert "encore.txt" not in home(client, staff)
    stage(published(GARDEN | {"limits": "Le gel."}), "suite.txt")
    page = home(client, staff)
    assert "suite.txt" in page
    assert "1 fiche modifiée." in page


def test_who_only_reads_lands_on_what_there_is_to_read(client, network, make_action):
    make_action(title="Le jardin")
    make_action(title="En préparation", draft=True)
    reader = UserFactory(first_name="Thierry")
    reader.set_password("un-mot-de-passe")
    reader.save()
    grant_role(actor=SYSTEM, user=reader, network=network, kind="reader")
    sent = {"login": reader.email, "password": "un-mot-de-passe"}
    answer = client.post("/connexion/", sent, follow=True)
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "Bonjour Thierry" in page
    assert network.name in page
    assert "Le jardin" in page
    assert "En préparation" not in page
    assert '<a class="team" href="/equipe/" aria-current="true">Mon espace</a>' in page
    assert "Se déconnecter" in page
    assert "/equipe/imports/" not in page


def test_a_visitor_is_asked_to_log_in(client):
    assert client.get("/equipe/")["Location"] == "/connexion/?next=/equipe/"
    assert ">Équipe</a>" in client.get("/connexion/").content.decode()
