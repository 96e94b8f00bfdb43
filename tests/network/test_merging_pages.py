"""The pages where two structures, or two accounts, become one, and two again."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ActionFactory, NetworkFactory, StructureFactory, UserFactory
from tests.network.links import everything
from tisserand.network.models import AccountMerge, Structure, StructureMerge, User
from tisserand.network.operations import grant_role, merge_accounts, merge_structures
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


def text(answer) -> str:
    return answer.content.decode().replace("<wbr>", "")


def written() -> list:
    """What a page could have written."""
    kept = {name: rows for name, rows in everything().items() if name != "network.User"}  # who logs in changes it
    return [kept, list(StructureMerge.objects.values()), list(AccountMerge.objects.values())]


def merging(structure) -> str:
    return f"/structures/{structure.slug}/reunir/"


# Structures


def test_from_the_page_of_a_structure_to_one_structure_and_back(staff_client, two, client):
    kept, gone = two
    page = text(staff_client.get(kept.get_absolute_url()))
    assert merging(kept) in page
    choose = text(staff_client.get(merging(kept)))
    assert f"{merging(kept)}?avec={gone.slug}" in choose
    assert "checked" not in choose  # nothing is chosen beforehand
    compare = text(staff_client.get(merging(kept), {"avec": gone.slug}))
    for told in ("1 adhésion", "2 rôles", "2 invitations", "3 conventions", "2 fiches", gone.phone, gone.email):
        assert told in compare
    assert set(re.findall(r'type="radio" name="(\w+)"', compare)) == {"name", "phone"}
    assert f"{merging(gone)}?avec={kept.slug}" in compare  # the other way round
    answer = staff_client.post(merging(kept), {"avec": gone.slug, "name": "kept", "phone": "gone"})
    assert answer["Location"] == kept.get_absolute_url()
    kept.refresh_from_db()
    assert (kept.phone, kept.email) == (gone.phone, gone.email)
    page = text(staff_client.get(kept.get_absolute_url()))
    assert page.count("Réunie à cette structure") == 1
    assert 'class="notice done"' not in page  # the notice that lasts says it, once
    part = re.search(r'href="([^"]+/separer/\d+/)"', page)[1]
    ActionFactory(network=kept.home, structure=kept)
    plan = text(staff_client.get(part))
    assert "Créé depuis, et gardé" in plan
    for _click in range(2):
        assert staff_client.post(part)["Location"] == kept.get_absolute_url()
    assert set(Structure.objects.all()) == {kept, gone}
    assert "/separer/" not in text(staff_client.get(kept.get_absolute_url()))


@pytest.mark.parametrize(("sheets", "phones", "stays"), [((0, 2), (1, 0), 1), ((1, 1), (0, 1), 1), ((1, 1), (1, 1), 0)])
def test_the_richer_stays_unless_one_says_otherwise(staff_client, network, sheets, phones, stays):
    """More sheets, then more said; when nothing tells them apart, the one whose page this is."""
    both = [StructureFactory(network=network, name=name) for name in ("La Navette", "La Navete")]
    for structure, count, phone in zip(both, sheets, phones, strict=True):
        Structure.objects.filter(pk=structure.pk).update(phone="0324000000" if phone else "")
        for _n in range(count):
            ActionFactory(network=network, structure=structure)
    here, other = both
    kept, gone = (other, here) if stays else (here, other)
    for query in ({}, {"q": "navete"}):
        assert f'href="{merging(kept)}?avec={gone.slug}"' in text(staff_client.get(merging(here), query))


def test_a_double_click_is_one_click(staff_client, two):
    kept, gone = two
    for _click in range(2):
        answer = staff_client.post(merging(kept), {"avec": gone.slug})
        assert answer["Location"] == kept.get_absolute_url()
    assert StructureMerge.objects.count() == 1


def test_searching_for_the_other(staff_client, two, network):
    kept, _gone = two
    other = StructureFactory(network=network, name="Le Vieux Moulin")
    StructureFactory(network=NetworkFactory(), name="Le Moulin d'ailleurs")
    found = text(staff_client.get(merging(kept), {"q": "moulin"}))
    assert found.count("?avec=") == 1
    assert f"?avec={other.slug}" in found
    assert "ne porte ce nom" in text(staff_client.get(merging(kept), {"q": "introuvable"}))
    assert "?avec=" not in text(staff_client.get(merging(other)))


def test_what_cannot_be_is_told_on_the_page(staff_client, two, network):
    kept, gone = two
    StructureFactory(network=network, name=gone.name, department="Aisne")
    Structure.objects.filter(pk=gone.pk).update(department="Marne", department_key="marne")
    Structure.objects.filter(pk=kept.pk).update(department="Aisne", department_key="aisne")
    answer = staff_client.post(merging(kept), {"avec": gone.slug, "name": "gone"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{merging(kept)}?avec={gone.slug}"
    assert "porte déjà ce nom" in text(answer)


def test_who_does_not_keep_both_finds_nothing(client, two, stranger, network, staff):
    kept, gone = two
    merge_structures(actor=SYSTEM, kept=kept, gone=gone)
    part = f"/structures/{kept.slug}/separer/{StructureMerge.objects.get().pk}/"
    elsewhere = StructureFactory()
    before = written()
    client.force_login(stranger)
    for address in (merging(kept), part):
        for method in (client.get, client.post):
            assert method(address, {"avec": gone.slug}).status_code == 404
    client.force_login(staff)
    for other in (elsewhere.slug, kept.slug, "jamais-vue"):
        for method in (client.get, client.post):
            assert method(merging(kept), {"avec": other}).status_code == 404
    assert client.get(f"/structures/{elsewhere.slug}/separer/1/").status_code == 404
    assert client.get(f"/structures/{kept.slug}/separer/999/").status_code == 404
    assert written() == before
    client.logout()
    assert "Réunie à cette structure" not in text(client.get(kept.get_absolute_url()))


def test_what_must_be_parted_first_is_told(staff_client, two, network):
    kept, gone = two
    first = merge_structures(actor=SYSTEM, kept=kept, gone=gone)
    merge_structures(actor=SYSTEM, kept=kept, gone=StructureFactory(network=network, name="La Navette bis"))
    page = text(staff_client.get(f"/structures/{kept.slug}/separer/{first.pk}/"))
    assert "abord La Navette bis" in page
    assert "<button" not in page.split("<main")[1].split("</main>")[0]


# Accounts


@pytest.fixture
def person(network, structure):
    user = UserFactory(first_name="Odile", last_name="Vasseur", email="odile@exemple.example")
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="director")
    return user


@pytest.fixture
def again(network):
    user = UserFactory(first_name="Odile", last_name="Vaseur", email="o.vasseur@exemple.example")
    grant_role(actor=SYSTEM, user=user, network=network, kind="reader")
    return user


def of(person) -> str:
    return f"/equipe/personnes/{person.pk}/reunir/"


def test_from_the_people_to_one_account_and_back(office, person, again, network):
    page = text(office.get("/equipe/personnes/"))
    assert of(person) in page
    assert f"?avec={again.pk}&amp;" in text(office.get(of(person)))
    assert f"?avec={again.pk}&amp;" in text(office.get(of(person), {"q": "o.vasseur@"}))
    compare = text(office.get(of(person), {"avec": again.pk}))
    for told in (person.email, again.email, "Direction", "Lecture", "1 rôle"):
        assert told in compare
    assert set(re.findall(r'type="radio" name="(\w+)"', compare)) == {"last_name"}
    for _click in range(2):
        answer = office.post(of(person), {"avec": again.pk, "last_name": "gone"})
        assert answer["Location"] == "/equipe/personnes/"
    assert AccountMerge.objects.count() == 1
    person.refresh_from_db()
    assert person.last_name == "Vaseur"
    page = text(office.get("/equipe/personnes/"))
    part = re.search(r'href="([^"]+/separer/\d+/)', page)[1]
    assert "1 rôle" in text(office.get(part))
    for _click in range(2):
        assert office.post(part, {"avec": again.pk})["Location"] == "/equipe/personnes/"
    assert User.objects.get(pk=again.pk).is_active


@pytest.mark.parametrize("words", ["élodie", "ELODIE martin", "martin@exemple.example"])
def test_a_person_is_found_whatever_the_accents(office, person, network, words):
    found = UserFactory(first_name="Élodie", last_name="Martin", email="e.martin@exemple.example")
    for user in (found, UserFactory(first_name="Élodée", last_name="Martin")):
        grant_role(actor=SYSTEM, user=user, network=network, kind="reader")
    page = text(office.get(of(person), {"q": words}))
    assert re.findall(r"\?avec=(\d+)&amp;", page) == [str(found.pk)]


def test_only_the_administration_finds_these_pages(client, staff, stranger, person, again, network, admin):
    merge = merge_accounts(actor=SYSTEM, network=network, kept=person, gone=again)
    part = f"/equipe/personnes/separer/{merge.pk}/"
    before = written()
    for actor, status in ((staff, 404), (stranger, 404), (person, 403)):
        client.force_login(actor)
        for address in (of(person), of(admin), part):
            for method in (client.get, client.post):
                assert method(address, {"avec": person.pk}).status_code == status
        people = text(client.get("/equipe/personnes/"))
        assert of(person) not in people
        assert part not in people
    client.force_login(admin)
    for other in (again.pk, person.pk, 999_999, "x", "٣", "9" * 30):
        assert client.get(of(person), {"avec": other}).status_code == 404
    assert written() == before


def test_what_is_not_theirs_is_told(office, person, again, admin, network):
    grant_role(actor=SYSTEM, user=again, network=NetworkFactory(), kind="reader")
    page = text(office.get(of(person), {"avec": again.pk}))
    assert "administration de l’instance" in page
    assert "Réunir les deux comptes" not in page
    assert office.post(of(person), {"avec": again.pk}).status_code == 403
    own = text(office.get(of(person), {"avec": admin.pk}))
    assert "est le vôtre" in own
    answer = office.post(of(person), {"avec": admin.pk}, follow=True)
    assert "est le vôtre" in text(answer)
    assert not AccountMerge.objects.exists()


# However much there is


def test_queries_do_not_grow(office, network, person, again, two):
    kept, gone = two
    counts = []
    for rows in (1, 3):
        for n in range(rows):
            double_of = StructureFactory(network=network, name=f"La Navette {rows} {n}")
            ActionFactory(network=network, structure=gone)
            namesake = UserFactory(first_name="Odile", last_name=f"Vasseur{rows}{n}")
            place = StructureFactory(network=network, name=f"Le Vieux Moulin {rows} {n}")
            grant_role(actor=SYSTEM, user=namesake, network=network, structure=place, kind="referent")
            for user in (UserFactory(), UserFactory()):
                grant_role(actor=SYSTEM, user=user, network=network, structure=double_of, kind="member")
        merge = merge_structures(actor=SYSTEM, kept=person.roles.first().structure, gone=double_of)
        part = f"/structures/{merge.kept.slug}/separer/{merge.pk}/"
        accounts = merge_accounts(actor=SYSTEM, network=network, kept=person, gone=namesake)
        pages = [
            kept.get_absolute_url(),
            "/equipe/personnes/",
            merging(kept), f"{merging(kept)}?q=navette", f"{merging(kept)}?avec={gone.slug}", part,
            of(person), f"{of(person)}?q=odile", f"{of(person)}?avec={again.pk}",
            f"/equipe/personnes/separer/{accounts.pk}/",
        ]  # fmt: skip
        told = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert office.get(page).status_code == 200
            told.append(len(queries))
        counts.append(told)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 15
