"""Keeping the closed lists: an unknown value is accepted, or said to be another way of writing a known one."""

import re
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied

from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.models import Action, Term, TermAlias
from tisserand.actions.operations.vocabulary import add_alias, merge_term, unmerge_term
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
OLD = "Accès au numérique"


@pytest.fixture
def sheets(bring) -> dict[str, Action]:
    """Three sheets: two with the unknown value, of which one holds the known one too, and one with another."""
    keywords = {"Seule": [OLD], "Avec": ["Numérique", OLD], "Sans": ["Culture"]}
    bring(published(*(GARDEN | {"title": title, "keywords": words} for title, words in keywords.items())))
    return {action.title: action for action in Action.objects.all()}


@pytest.fixture
def old(sheets) -> Term:
    return Term.objects.get(label=OLD)


@pytest.fixture
def known(sheets) -> Term:
    return Term.objects.get(label="Numérique")


@pytest.fixture
def keeper(client, admin):
    client.force_login(admin)
    return client


def keywords() -> dict[str, list[str]]:
    return {action.title: action.labels("keyword") for action in Action.objects.prefetch_related("term_links__term")}


def page(client, address: str = "/equipe/listes/") -> str:
    return unescape(client.get(address).content.decode()).replace("\xa0", " ")


def change(client, what: str, **data):
    return client.post("/equipe/listes/changer/", {"change": what, **data})


def test_the_likeliest_values_come_first_and_none_is_chosen(keeper, old):
    select = re.search(rf'<select id="vers-{old.pk}".*?</select>', page(keeper), re.DOTALL)[0]
    assert "required" in select.split(">", maxsplit=1)[0]
    assert "selected" not in select
    options = re.findall(r'<option value="(\d*)">(.*?)</option>', select)
    assert options[0] == ("", "Choisir…")
    assert options[1][1] == "Numérique"
    assert re.findall(r'optgroup label="(.*?)"', select) == ["Les plus proches", "Toutes les valeurs"]


def test_nothing_is_merged_without_a_choice(keeper, old):
    change(keeper, "merge", term=old.pk, into="")
    assert "choisissez d’abord la valeur connue" in page(keeper)
    assert Term.objects.filter(pk=old.pk).exists()


def test_a_merge_names_both_values_and_its_sheets_then_is_undone(keeper, old, known):
    before = keywords()
    answer = change(keeper, "merge", term=old.pk, into=known.pk)
    told = page(keeper, answer["Location"])
    assert f"« {OLD} » se lit désormais « Numérique ». 2 fiches ont changé." in told
    assert keywords() == before | {"Seule": ["Numérique"], "Avec": ["Numérique"]}
    alias = TermAlias.objects.get(text=OLD)
    change(keeper, "undo", alias=alias.pk)
    assert f"« {OLD} » est de nouveau à part : 2 fiches l’ont retrouvée." in page(keeper)
    assert {title: set(words) for title, words in keywords().items()} == {t: set(w) for t, w in before.items()}
    again = Term.objects.get(label=OLD)
    assert not again.verified
    assert not TermAlias.objects.filter(text=OLD).exists()
    assert keeper.get("/api/actions", {"keyword": again.slug}).json()["count"] == 2
    assert not Action.objects.exclude(term_links__original="").filter(term_links__term=again).exists()


def test_twice_is_once(keeper, old, known):
    change(keeper, "merge", term=old.pk, into=known.pk)
    assert change(keeper, "merge", term=old.pk, into=known.pk)["Location"] == "/equipe/listes/"
    assert "C’était déjà fait." in page(keeper)
    alias = TermAlias.objects.get(text=OLD)
    assert unmerge_term(actor=SYSTEM, alias=alias)
    assert unmerge_term(actor=SYSTEM, alias=alias) is None
    assert change(keeper, "undo", alias=alias.pk)["Location"] == "/equipe/listes/"
    verbs = list(JournalEntry.objects.filter(verb__contains="merged").values_list("verb", flat=True))
    assert sorted(verbs) == ["actions.term_merged", "actions.term_unmerged"]


def test_undoing_leaves_what_was_edited_since(old, known, sheets):
    alias = merge_term(actor=SYSTEM, term=old, into=known)
    for title in ("Seule", "Avec"):
        sheet = sheets[title]
        edit(sheet, keywords=["Santé"])
    unmerge_term(actor=SYSTEM, alias=alias)
    assert keywords() == {"Seule": ["Santé"], "Avec": ["Santé"], "Sans": ["Culture"]}


def test_undoing_takes_the_sheets_that_came_meanwhile(bring, old, known):
    alias = merge_term(actor=SYSTEM, term=old, into=known)
    bring(published(GARDEN | {"title": "Venue depuis", "keywords": [OLD]}))
    assert keywords()["Venue depuis"] == ["Numérique"]
    unmerge_term(actor=SYSTEM, alias=alias)
    assert keywords()["Venue depuis"] == [OLD]


def test_other_ways_of_writing_follow_and_come_back(old, known):
    add_alias(actor=SYSTEM, term=old, text="Acces num.")
    alias = merge_term(actor=SYSTEM, term=old, into=known)
    assert TermAlias.objects.get(text="Acces num.").term == known
    again = unmerge_term(actor=SYSTEM, alias=alias)
    assert TermAlias.objects.get(text="Acces num.").term == again


def test_a_value_merged_twice_is_taken_back_from_where_it_is(old, known):
    culture = Term.objects.get(label="Culture")
    first = merge_term(actor=SYSTEM, term=old, into=known)
    merge_term(actor=SYSTEM, term=known, into=culture)
    first.refresh_from_db()
    unmerge_term(actor=SYSTEM, alias=first)
    assert OLD in keywords()["Seule"]


def test_only_the_administration_undoes(old, known, staff):
    alias = merge_term(actor=SYSTEM, term=old, into=known)
    with pytest.raises(PermissionDenied):
        unmerge_term(actor=staff, alias=alias)
    assert TermAlias.objects.filter(pk=alias.pk).exists()


def test_each_change_is_told(keeper, old, known):
    change(keeper, "verify", term=old.pk)
    assert f"« {OLD} » est maintenant une valeur de la liste « Mot-clé »." in page(keeper)
    change(keeper, "alias", term=known.pk, text="Numerik")
    assert "« Numerik » se lira « Numérique » dans les prochains fichiers." in page(keeper)
    change(keeper, "forget", alias=TermAlias.objects.get(text="Numerik").pk)
    assert "« Numerik » ne se lira plus « Numérique »." in page(keeper)


def test_who_may_not_change_the_lists_is_offered_nothing(client, staff, old, known):
    alias = merge_term(actor=SYSTEM, term=old, into=known)
    client.force_login(staff)
    told = page(client, f"/equipe/listes/?reunie={alias.pk}")
    assert "se lit désormais" in told
    assert "undo" not in told


def test_values_to_check_are_read_page_by_page(keeper, network, monkeypatch):
    monkeypatch.setattr("tisserand.actions.views.lists.ON_A_PAGE", 2)
    for number in range(3):
        label = f"Valeur {number}"
        Term.objects.create(
            network=network, facet="partner", label=label, key=label.lower(), slug=f"v-{number}", verified=False
        )
    first, last = page(keeper), page(keeper, "/equipe/listes/?page=2")
    assert [f"« Valeur {number} »</h3>" in first for number in range(3)] == [True, True, False]
    assert [f"« Valeur {number} »</h3>" in last for number in range(3)] == [False, False, True]
