"""Who asks gets all that is kept of them, and nothing of anyone else."""

import io
import json
import re
import zipfile
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from tests.deposits import picture
from tests.factories import ActionFactory, UserFactory
from tests.network.door import PASSWORD, account, enter, say_again
from tests.privacy import canaries
from tisserand.actions.operations.attachments import attach, describe, look_into, mark_of
from tisserand.actions.operations.life import publish, rewrite
from tisserand.network.models import User
from tisserand.network.operations import export_data, grant_role, invite
from tisserand.network.queries import subject_of
from tisserand.privacy.erasure import found
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry
from tisserand.privacy.registry import rules

pytestmark = pytest.mark.django_db
PAGE = "/compte/donnees/"
TODAY = date.today()


def opened(made) -> dict[str, bytes]:
    with made, zipfile.ZipFile(made) as file:
        return {name: file.read(name) for name in file.namelist()}


def taken(user: User, **values) -> dict:
    return json.loads(opened(export_data(actor=user, user=user, **values))["mes-donnees.json"])


def test_every_row_that_is_hers_is_there(zenobie):
    """Read from the rules, row by row; nothing is listed by hand."""
    content = opened(export_data(actor=zenobie, user=zenobie))
    given = {
        (one["kind"], str(row["id"])) for one in json.loads(content["mes-donnees.json"])["kinds"] for row in one["rows"]
    }
    hers = {
        (label, str(pk))
        for label, model in rules().items()
        for _name, _rule, rows in found(model, subject_of(zenobie))
        for pk in rows.values_list("pk", flat=True)
    }
    assert hers <= given
    assert len({kind for kind, _pk in hers}) >= 18
    page = content["mes-donnees.html"].decode()
    for word in (canaries.EMAIL, canaries.NEXT, canaries.FIRST, canaries.LAST, canaries.PLACE, "Canariscope/7"):
        assert word in page, word
    assert content[next(name for name in content if name.startswith("fichiers/"))] == b"texte"


def test_secrets_are_told_and_not_given(zenobie):
    secrets = canaries.secrets_of(zenobie)
    for name, content in opened(export_data(actor=zenobie, user=zenobie)).items():
        assert not [one for one in secrets if one in content.decode().lower()], name
    kinds = {one["kind"]: one["not_given"] for one in taken(zenobie)["kinds"]}
    assert kinds["network.User"] == ["Mot de passe"]
    assert kinds["mfa.Authenticator"]


def test_her_gestures_are_there_and_so_is_this_one(zenobie):
    lines = next(one for one in taken(zenobie)["kinds"] if one["kind"] == "privacy.JournalEntry")["rows"]
    mine = JournalEntry.objects.filter(actor=f"user:{zenobie.pk}")
    assert {line["id"] for line in lines} >= set(mine.values_list("pk", flat=True))
    assert mine.filter(verb="network.data_exported").exists()


def test_nobody_else_is_given(network, structure):
    """Not who she invited, not the draft that she began and others went on with."""
    user, other = UserFactory(), UserFactory(email="autre@exemple.example", last_name="Autruche")
    grant_role(actor=SYSTEM, user=user, network=network, kind="network_admin")
    grant_role(actor=SYSTEM, user=other, network=network, kind="mission")
    invite(actor=user, network=network, kind="reader", email="invitee@exemple.example")
    ActionFactory(network=network, draft=True, title="Brouillon d'autruche")
    for name, content in opened(export_data(actor=user, user=user)).items():
        text = content.decode().lower()
        assert not [word for word in ("autruche", "autre@", "invitee@") if word in text], name


def test_texts_that_name_her_are_told_if_anyone_may_read_them(network):
    user = UserFactory(first_name="Zénobie", last_name="Canarion")
    public = ActionFactory(network=network, people="Zénobie Canarion, bénévole", limits=user.email)
    ActionFactory(network=network, draft=True, summary="Zénobie Canarion")
    (quote,) = taken(user)["quoted_in"]
    assert quote["path"].endswith(public.get_absolute_url())
    assert len(quote["fields"]) == 2


def test_her_sheets_have_their_titles_and_her_photos_are_there(network, draft, writer, staff, files):
    """Once each, though the sheet and its rewriting hold the same file."""
    deposit = look_into(io.BytesIO(picture()), name="photo.jpg")
    photo = attach(actor=writer, action=draft, deposit=deposit)
    said = {"title": "", "alt": "Une toile tissée", "credit": "Jeanne T.", "agreed": True}
    describe(actor=staff, attachment=photo, base=mark_of(photo), **said)
    rewrite(actor=writer, action=publish(actor=SYSTEM, action=draft))
    content = opened(export_data(actor=writer, user=writer))
    page = content["mes-donnees.html"].decode()
    assert page.count("<td>Jardin</td>") == 4  # the sheet and its rewriting; the photo of each
    assert "Une toile tissée" in page
    (name,) = [name for name in content if name.startswith("fichiers/")]
    assert name == "fichiers/une-toile-tissee.jpg"  # what it shows, not how it is stored
    assert page.count(f'<a href="{name}">') == 2
    assert photo.file.name not in page
    assert json.loads(content["mes-donnees.json"])["files"] == {photo.file.name: name}
    with default_storage.open(photo.file.name) as file:
        assert content[name] == file.read()
    default_storage.delete(photo.file.name)
    lost = opened(export_data(actor=writer, user=writer))
    assert "fichiers/" not in lost["mes-donnees.html"].decode()
    assert json.loads(lost["mes-donnees.json"])["files"] == {}
    # Who only noted that people agree did not give it.
    assert not [name for name in opened(export_data(actor=staff, user=staff)) if name.startswith("fichiers/")]


def test_two_photos_of_one_name_are_both_there(network, draft, writer, staff, files):
    for width in (320, 300):
        photo = attach(actor=writer, action=draft, deposit=look_into(io.BytesIO(picture(width=width)), name="p.jpg"))
        said = {"title": "", "alt": "L'atelier", "credit": "", "agreed": True}
        describe(actor=staff, attachment=photo, base=mark_of(photo), **said)
    names = [name for name in opened(export_data(actor=writer, user=writer)) if name.startswith("fichiers/")]
    assert names == ["fichiers/latelier.jpg", "fichiers/latelier-2.jpg"]


def test_the_page_speaks_to_the_person(writer, draft, network, structure):
    """In words and with « vous »: codes are for the data beside, which have them all."""
    content = opened(export_data(actor=writer, user=writer))
    page = content["mes-donnees.html"].decode()
    assert "<td>vous</td>" in page
    assert not re.search(r"user:\d|network\.|actions\.|la personne elle-même|\bmoi\b|\bmes (fichiers|données)", page)
    assert "Combien de temps" in page
    assert not re.search(r"Combien de temps\s*:\s*\.", page)
    assert f"user:{writer.pk}" in content["mes-donnees.json"].decode()


@pytest.mark.parametrize("words", ["ÉLODIE MARTIN", "Elodie martin", "ELODIE MARTIN", "E.Martin@Exemple.example"])
def test_her_name_is_found_however_it_is_written(network, words):
    user = UserFactory(first_name="Élodie", last_name="Martin", email="e.martin@exemple.example")
    ActionFactory(network=network, people=f"Avec {words}, bénévole", limits="Élodie Marchand")
    (quote,) = taken(user)["quoted_in"]
    assert len(quote["fields"]) == 1


# ---- The page


@pytest.fixture
def nadia(network, structure):
    user = account()
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    return user


@pytest.fixture
def inside(nadia):
    client = Client()
    enter(client, nadia.email)
    say_again(client)
    return client


def test_the_page_gives_the_archive(inside, nadia):
    assert inside.get(PAGE).status_code == 200
    answer = inside.post(PAGE)
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/zip"
    assert nadia.email in opened(io.BytesIO(b"".join(answer)))["mes-donnees.html"].decode()


@pytest.mark.parametrize("page", [PAGE, "/compte/effacer/"])
def test_an_old_login_says_again_who_it_is(inside, nadia, page):
    session = inside.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**one, "at": one["at"] - 3600} for one in records]
    session.save()
    for method in (inside.get, inside.post):
        assert method(page)["Location"].startswith("/compte/confirmer/")
    assert User.objects.filter(pk=nadia.pk).exists()
    say_again(inside)
    assert inside.get(page).status_code == 200


def test_the_page_of_an_account_erases_it(inside, nadia, network):
    assert "sans retour" in inside.get("/compte/effacer/").content.decode()
    assert User.objects.filter(pk=nadia.pk).exists()
    answer = inside.post("/compte/effacer/", follow=True)
    assert "Votre compte est effacé" in answer.content.decode()
    assert not User.objects.filter(pk=nadia.pk).exists()
    assert inside.get("/compte/").status_code == 302
    assert "ne vont pas ensemble" in enter(Client(), nadia.email, PASSWORD).content.decode()


def test_the_last_administrator_is_told_what_to_do(inside, nadia, network):
    grant_role(actor=SYSTEM, user=nadia, network=network, kind="network_admin")
    page = inside.get("/compte/effacer/").content.decode()
    assert network.name in page
    assert "Oui, effacer" not in page
    assert inside.post("/compte/effacer/").status_code == 409
    assert User.objects.filter(pk=nadia.pk).exists()
