"""Someone of the team of two networks: each page says which one it is about, and leads to pages about the same."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import NetworkFactory, UserFactory
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.models import Action, ImportBatch, Term
from tisserand.figures.models import Snapshot
from tisserand.network.models import Role
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db

ABOUT_A_NETWORK = {"staff-home", "imports", "drafts", "facts", "lists", "gallery"}


@pytest.fixture
def other():
    return NetworkFactory(slug="voisin", name="Le réseau voisin")


@pytest.fixture
def both(client, network, other):
    """Keeps the catalogue of the one, administers the other."""
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, kind="mission")
    grant_role(actor=SYSTEM, user=user, network=other, kind="network_admin")
    client.force_login(user)
    return client


@pytest.fixture
def filled(network, other, make_action, stage):
    """In each network: a sheet with numbers and an unknown value, a draft, a file that waits."""
    for one in (network, other):
        for draft in (False, True):
            title = f"{'Brouillon' if draft else 'Jardin'} de {one.slug}"
            keywords = [f"Mot de {one.slug}"]
            make_action(network=one, draft=draft, **GARDEN_VALUES | {"title": title, "keywords": keywords})
        Term.objects.filter(network=one, label=f"Mot de {one.slug}").update(verified=False)
        stage(published(GARDEN | {"title": f"Reçu de {one.slug}"}), f"{one.slug}.txt", network=one)


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="(/[^"]*)"', page)]


def astray(page: str, slug: str) -> list[str]:
    """The links to a page about a network that do not say that it is *slug*'s."""
    pages = {reverse(name) for name in ABOUT_A_NETWORK}
    return [link for link in links(page) if link.split("?")[0] in pages and not link.endswith(f"?network={slug}")]


def told(page: str) -> list[str]:
    """The network that the choice shows as current."""
    return re.findall(r'<strong class="tag" aria-current="true">(.*?)</strong>', page)


def test_every_page_stays_in_the_network_it_is_about(both, filled, network, other):
    for here, elsewhere in ((network, other), (other, network)):
        start = both.get("/equipe/", {"network": here.slug}).content.decode()
        found = {link.split("?")[0]: link for link in links(start)}
        shown = {"staff-home": f"{here.slug}.txt", "imports": f"{here.slug}.txt", "drafts": f"Brouillon de {here.slug}",
                 "facts": f"Jardin de {here.slug}", "lists": f"Mot de {here.slug}", "figures": here.name}  # fmt: skip
        for name in ABOUT_A_NETWORK | {"figures"}:
            page = both.get(found[reverse(name)]).content.decode()
            assert shown.get(name, "") in page, name
            assert f"de {elsewhere.slug}" not in page, name
            assert f"{elsewhere.slug}.txt" not in page, name
            assert name == "gallery" or told(page) == [here.name], name
            assert name == "figures" or astray(page, here.slug) == [], name


def test_a_page_about_one_thing_leads_back_to_its_network(both, filled, network, other):
    for here in (network, other):
        action = Action.objects.get(network=here, state="draft")
        batch = ImportBatch.objects.get(network=here)
        for address in (
            reverse("sheet-write", args=[action.pk, "action"]),
            reverse("sheet-facts", args=[action.pk]),
            reverse("import", args=[batch.pk]),
        ):
            page = both.get(address).content.decode()
            assert f"/equipe/?network={here.slug}" in page
            assert f"Espace équipe · {here.name}" in page
            assert astray(page, here.slug) == []


def test_a_structure_is_edited_for_the_network_that_keeps_its_page(both, make_action, other):
    structure = make_action(network=other, title="A").structure
    address = reverse("structure-edit", args=[structure.slug])
    assert both.get(address).status_code == 200
    both.post(address, {"name": structure.name, "department": structure.department, "commune": "Brévy"})
    structure.refresh_from_db()
    assert structure.commune == "Brévy"


def deposit(client, token: str, address: str = "/equipe/imports/", **data):
    file = SimpleUploadedFile("fiches.txt", published(GARDEN).encode())
    return client.post(address, {"file": file, "token": token * 32, **data})


def test_a_file_goes_where_the_page_says(both, network, other):
    form = both.get("/equipe/imports/", {"network": other.slug}).content.decode()
    assert f'<input type="hidden" name="network" value="{other.slug}">' in form
    deposit(both, "a", network=other.slug)
    assert ImportBatch.objects.get().network == other
    assert deposit(both, "b").status_code == 403  # which one was not said
    assert ImportBatch.objects.count() == 1
    batch = ImportBatch.objects.get()
    both.post(reverse("import-confirm", args=[batch.pk]))
    assert Action.objects.get().network == other
    done = both.get(batch.get_absolute_url()).content.decode()
    assert f"/equipe/nombres/?network={other.slug}" in done
    deposit(both, "c", f"/equipe/imports/?network={network.slug}")
    answer = both.post(reverse("import-cancel", args=[ImportBatch.objects.get(network=network).pk]))
    assert answer["Location"] == f"/equipe/imports/?network={network.slug}"


def test_lists_are_changed_where_one_administers(both, filled, network, other):
    for here, status in ((network, 403), (other, 302)):
        unknown = Term.objects.get(network=here, label=f"Mot de {here.slug}")
        answer = both.post("/equipe/listes/changer/", {"change": "verify", "term": unknown.pk})
        assert answer.status_code == status
    assert answer["Location"] == f"/equipe/listes/?network={other.slug}"
    one, two = (Term.objects.filter(network=one).first() for one in (network, other))
    both.post("/equipe/listes/changer/", {"change": "merge", "term": two.pk, "into": one.pk})
    assert Term.objects.filter(pk=two.pk).exists()  # two networks, two lists


def test_figures_are_frozen_for_the_network_shown(both, filled, network, other):
    for here in (network, other):
        assert b"chiffres/figer" in both.get("/chiffres/", {"network": here.slug}).content
        both.post("/chiffres/figer/", {"network": here.slug})
    assert set(Snapshot.objects.values_list("scope", flat=True)) == {"network:voisin", f"network:{network.slug}"}
    assert both.post("/chiffres/figer/").status_code == 403
    third = NetworkFactory()
    assert b"chiffres/figer" not in both.get("/chiffres/", {"network": third.slug}).content


def test_a_network_of_others_is_refused(both):
    third = NetworkFactory()
    for name in ("staff-home", "imports", "drafts", "facts", "lists"):
        assert both.get(reverse(name), {"network": third.slug}).status_code == 403, name


def test_who_keeps_one_network_needs_no_name(staff_client, other, make_action):
    make_action(title="A", draft=True)
    for name in ABOUT_A_NETWORK:
        page = staff_client.get(reverse(name)).content.decode()
        assert "network=" not in page, name
        assert "Choix du réseau" not in page


def test_the_way_in_asks_which_network_then_leads_to_the_last_one(both, filled, network, other):
    page = both.get("/equipe/").content.decode()
    assert "Pour quel réseau" in page
    assert [link for link in links(page) if link.startswith("?network=")] == []
    assert re.findall(r'href="\?network=([^"]*)"', page) == [network.slug, other.slug]
    for here in (other, network):
        action = Action.objects.get(network=here, state="draft")
        both.get("/equipe/listes/", {"network": here.slug})
        assert both.get("/equipe/")["Location"] == f"/equipe/?network={here.slug}"
        both.get("/equipe/", {"network": network.slug})
        both.get(reverse("action-edit", args=[action.pk]))
    both.get("/equipe/listes/", {"network": other.slug})
    both.get("/")
    both.get("/actions/")
    assert both.get("/equipe/")["Location"] == f"/equipe/?network={other.slug}"


def test_a_network_that_one_left_is_not_the_way_in(both, network, other):
    both.get("/equipe/", {"network": other.slug})
    Role.objects.filter(network=other).delete()
    third = NetworkFactory()
    user = Role.objects.get(network=network).user
    grant_role(actor=SYSTEM, user=user, network=third, kind="mission")
    assert "Pour quel réseau" in both.get("/equipe/").content.decode()
