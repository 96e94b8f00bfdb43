"""Undoing an import that was recorded: what nobody edited since goes back, what someone did stays."""

import contextlib
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from tests.factories import NetworkFactory, UserFactory
from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.models import Action, ActionTerm, Fact, Term
from tisserand.actions.operations.facts import accept_fact
from tisserand.actions.operations.imports import apply_import, settle_row, undo_import
from tisserand.actions.operations.life import publish
from tisserand.actions.operations.vocabulary import merge_term
from tisserand.actions.queries import undoing
from tisserand.actions.search import SPACE
from tisserand.network.models import Affiliation, Structure
from tisserand.network.operations import ensure_structure, grant_role, update_structure
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry
from tisserand.search.engine import search

pytestmark = pytest.mark.django_db
OTHER = GARDEN | {"title": "La friperie", "structure": "Centre social Le Rouet", "summary": "On trie, on donne."}
CHANGED = GARDEN | {
    "summary": "Vingt parcelles.",
    "people": "3 animatrices et 20 habitants",
    "public": "Les gens du fleuve",
    "keywords": [],
}


def undo(batch):
    return undo_import(actor=SYSTEM, batch=batch)


def catalogue() -> list:
    """All that a person could see, and what the next import will compare with."""
    moving = {"revision", "updated_at"}
    sheets = [{k: v for k, v in one.items() if k not in moving} for one in Action.objects.order_by("pk").values()]
    links = list(ActionTerm.objects.order_by("action", "term").values("action", "term", "original"))
    facts = [
        {k: v for k, v in one.items() if k != "id"}
        for one in Fact.objects.order_by("action", "field", "start").values()
    ]
    return [sheets, links, facts, list(Structure.objects.values()), list(Affiliation.objects.values())]


def test_what_an_import_created_goes_with_its_structures_and_its_unknown_values(bring):
    bring(published(GARDEN))
    before, terms = catalogue(), list(Term.objects.values())
    batch = bring(published(GARDEN, OTHER | {"public": "Les gens du fleuve"}))
    assert Structure.objects.count() == 2
    plan = undoing.undo_plan(batch)
    assert (plan.removed, plan.restored, plan.kept, plan.structures) == (1, 0, 0, 1)
    undo(batch)
    assert catalogue() == before
    assert list(Term.objects.values()) == terms
    assert list(search(SPACE, "friperie").object_ids()) == []
    assert bring(published(GARDEN)).counts["unchanged"] == 1


def test_a_sheet_returns_to_what_it_was_with_the_decisions_on_its_numbers(bring, staff):
    bring(published(GARDEN | {"keywords": ["Viellissement"]}))
    fact = Fact.objects.filter(field="people").first()
    accept_fact(actor=staff, fact=fact)
    before = catalogue()
    batch = bring(published(CHANGED))
    assert batch.counts["updated"] == 1
    assert catalogue() != before
    assert undoing.undo_plan(batch).restored == 1
    undo(batch)
    assert catalogue() == before
    assert list(search(SPACE, "vingt").object_ids()) == []
    assert bring(published(CHANGED)).counts["updated"] == 1


def test_a_sheet_edited_since_is_left_and_told(bring):
    bring(published(GARDEN))
    batch = bring(published(CHANGED, OTHER, OTHER | {"title": "Le bal"}))
    edit(Action.objects.get(title="La friperie"), limits="Écrit ici.")
    edit(Action.objects.get(title=GARDEN["title"]), limits="Écrit ici.")
    plan = undoing.undo_plan(batch)
    assert (plan.removed, plan.restored, plan.kept, plan.structures) == (1, 0, 2, 0)
    undo(batch)
    assert set(Action.objects.values_list("title", "limits")) == {
        ("La friperie", "Écrit ici."), (GARDEN["title"], "Écrit ici.")
    }  # fmt: skip
    assert Action.objects.get(title=GARDEN["title"]).summary == "Vingt parcelles."
    assert set(batch.rows.filter(undone="kept").values_list("title", flat=True)) == {"La friperie", GARDEN["title"]}
    assert Structure.objects.filter(name="Centre social Le Rouet").exists()


def test_an_edit_taken_back_is_no_edit(bring):
    batch = bring(published(GARDEN))
    edit(Action.objects.get(), limits="Écrit ici.")
    edit(Action.objects.get(), limits=GARDEN["limits"])
    undo(batch)
    assert not Action.objects.exists()


def test_a_number_read_since_is_work_too(bring, staff):
    batch = bring(published(GARDEN))
    accept_fact(actor=staff, fact=Fact.objects.first())
    undo(batch)
    assert Action.objects.get().title == GARDEN["title"]


def test_publishing_is_no_edit(bring):
    batch = bring(published(GARDEN), as_draft=True)
    publish(actor=SYSTEM, action=Action.objects.get())
    undo(batch)
    assert not Action.objects.exists()


def test_joining_two_values_of_a_list_is_no_edit(bring, admin):
    batch = bring(published(GARDEN | {"public": "Les gens du fleuve"}))
    unknown, known = Term.objects.get(label="Les gens du fleuve"), Term.objects.get(facet="public", label="Adultes")
    merge_term(actor=admin, term=unknown, into=known)
    assert Action.objects.get().labels("public") == ["Adultes"]
    undo(batch)
    assert not Action.objects.exists()


def test_the_last_import_first(bring):
    first = bring(published(GARDEN))
    second = bring(published(CHANGED))
    assert undoing.undo_plan(first).kept == 1
    undo(second)
    assert undoing.undo_plan(first).removed == 1
    undo(first)
    assert not Action.objects.exists()
    assert not Structure.objects.exists()


def test_what_was_declined_is_asked_again(stage, bring):
    bring(published(GARDEN))
    edit(Action.objects.get(), summary="Écrit ici.")
    file = published(GARDEN | {"summary": "Écrit ailleurs."})
    batch = stage(file)
    settle_row(actor=SYSTEM, row=batch.rows.get(), choices={"summary": "here"})
    batch = apply_import(actor=SYSTEM, batch=batch)
    assert stage(file).rows.get().outcome == "unchanged"
    undo(batch)
    assert stage(file).rows.get().outcome == "conflict"
    assert Action.objects.get().summary == "Écrit ici."


def test_a_structure_that_became_more_than_a_name_stays(bring, network):
    batch = bring(published(GARDEN, OTHER, OTHER | {"structure": "Le Fuseau"}))
    garden, rouet = (
        Structure.objects.get(name=GARDEN["structure"]),
        Structure.objects.get(name="Centre social Le Rouet"),
    )
    update_structure(actor=SYSTEM, network=network, structure=garden, changes={"phone": "03 00 00 00 00"})
    ensure_structure(actor=SYSTEM, network=NetworkFactory(), name=rouet.name, department=rouet.department)
    undo(batch)
    assert set(Structure.objects.values_list("name", flat=True)) == {garden.name, rouet.name}


def test_a_structure_where_people_work_stays_with_them_and_its_tie(bring, network):
    batch = bring(published(GARDEN))
    structure = Structure.objects.get()
    grant_role(actor=SYSTEM, user=UserFactory(), network=network, structure=structure, kind="member")
    undo(batch)
    assert structure.roles.exists()
    assert structure.affiliations.filter(network=network, ends=None).exists()


def test_a_tie_to_a_known_structure_is_undone_too(bring, network):
    known = ensure_structure(
        actor=SYSTEM, network=NetworkFactory(), name=GARDEN["structure"], department=GARDEN["department"]
    )
    batch = bring(published(GARDEN))
    assert known.affiliations.filter(network=network).exists()
    undo(batch)
    assert not known.affiliations.filter(network=network).exists()
    assert Structure.objects.get() == known


def test_undoing_twice_is_undoing_once_and_is_journalled(bring):
    batch = bring(published(GARDEN))
    assert undo(batch).state == "undone"
    bring(published(GARDEN))
    batch = undo(batch)
    assert batch.state == "undone"
    assert Action.objects.count() == 1
    entry = JournalEntry.objects.get(verb="actions.import_undone")
    assert entry.data["removed"] == 1
    assert not undoing.may_be_undone(batch)


def test_only_the_staff_of_the_network_undoes_and_only_what_is_recorded(bring, stage, stranger):
    batch = bring(published(GARDEN))
    with pytest.raises(PermissionDenied):
        undo_import(actor=stranger, batch=batch)
    assert undo(stage(published(OTHER))).state == "waiting"
    assert Action.objects.count() == 1


def test_a_failure_half_way_undoes_nothing(bring, monkeypatch):
    batch = bring(published(GARDEN, OTHER))
    before = catalogue()

    def fail(_ids):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("tisserand.actions.operations.imports.undoing.forget_actions", fail)
    with pytest.raises(RuntimeError):
        undo(batch)
    assert catalogue() == before
    batch.refresh_from_db()
    assert batch.state == "applied"


def test_queries_of_an_undo_do_not_grow_with_what_was_created(bring, django_assert_max_num_queries):
    for count in (3, 60):
        batch = bring(published(*(GARDEN | {"title": f"{count} fiche {n}"} for n in range(count))))
        with django_assert_max_num_queries(60):
            undo(batch)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("new", [True, False])
def test_an_edit_at_the_same_moment_is_kept_or_refused_never_lost(bring, staff, new):
    if not new:
        bring(published(GARDEN))
    batch = bring(published(CHANGED))
    action = Action.objects.get()
    start, failures = threading.Barrier(2), []

    def run(step):
        try:
            start.wait()
            step()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    steps = [
        lambda: undo(batch),
        lambda: edit(action, by=staff, limits="Écrit pendant ce temps."),
    ]
    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = Action.objects.filter(pk=action.pk).first()
    if failures:  # the undo came first, and the sheet is no more
        assert [type(error).__name__ for error in failures] == ["Http404"]
        assert new
        assert left is None
    else:
        assert left.limits == "Écrit pendant ce temps."
        assert left.summary in ({CHANGED["summary"]} if new else {CHANGED["summary"], GARDEN["summary"]})


@pytest.mark.django_db(transaction=True)
def test_an_edit_between_the_look_and_the_write_cannot_be(bring, staff, monkeypatch):
    """The worst moment: the edit comes once the undo has seen that nobody edited. It waits, and comes on top."""
    bring(published(GARDEN))
    batch = bring(published(CHANGED))
    action = Action.objects.get()
    told, verdict = threading.Event(), undoing._verdict

    def slow(*args):
        found = verdict(*args)
        told.set()
        edited.join(timeout=1)
        return found

    def write():
        told.wait(5)
        try:
            edit(action, by=staff, summary="Écrit alors.")
        finally:
            connections.close_all()

    edited = threading.Thread(target=write)
    monkeypatch.setattr(undoing, "_verdict", slow)
    edited.start()
    undo(batch)
    with contextlib.suppress(RuntimeError):
        edited.join()
    action.refresh_from_db()
    assert (action.summary, action.limits) == ("Écrit alors.", GARDEN["limits"])


def test_the_page_before_says_what_would_happen_and_the_page_after_what_stayed(bring, staff_client):
    bring(published(GARDEN))
    batch = bring(published(CHANGED, OTHER, OTHER | {"title": "Le bal"}))
    edit(Action.objects.get(title="Le bal"), limits="Écrit ici.")
    address = f"{batch.get_absolute_url()}annuler/"
    assert address in staff_client.get(batch.get_absolute_url()).content.decode()
    asked = staff_client.get(address)
    told = asked.content.decode()
    assert "1 fiche créée" in told
    assert "1 fiche retrouvera" in told
    assert "Le bal" in told
    assert Action.objects.count() == 3
    done = staff_client.post(address, follow=True)
    assert done.redirect_chain == [(batch.get_absolute_url(), 302)]
    assert "Le bal" in done.content.decode()
    assert address not in done.content.decode()
    assert set(Action.objects.values_list("title", flat=True)) == {GARDEN["title"], "Le bal"}
    assert "data-busy" not in staff_client.get(address).content.decode()  # once undone, there is nothing to ask
    assert staff_client.post(address).url == batch.get_absolute_url()


def test_a_large_import_is_undone_by_the_worker(bring, staff_client, monkeypatch):
    monkeypatch.setattr("tisserand.actions.views.undoing.AT_ONCE_ROWS", 0)
    batch = bring(published(GARDEN))
    staff_client.post(f"{batch.get_absolute_url()}annuler/")
    assert not Action.objects.exists()


def test_another_team_does_not_see_the_page(bring, client, stranger):
    batch = bring(published(GARDEN))
    client.force_login(stranger)
    assert client.post(f"{batch.get_absolute_url()}annuler/").status_code == 404
    assert Action.objects.exists()
