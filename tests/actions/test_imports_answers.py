"""What is asked of who reads an import before it is written: look-alike structures, sheets under another title."""

import pytest

from tests.texts import GARDEN, published
from tisserand.actions.models import Action
from tisserand.actions.operations.imports import Answer, apply_import, settle_rows
from tisserand.network.models import Structure
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
CENTRE = GARDEN | {"structure": "Centre social Les Margotins"}
SHORT = GARDEN | {"structure": "CS Margotins"}
OTHER = {
    "title": "La friperie",
    "structure": "Centre social Les Margotins",
    "summary": "On trie, on lave, on donne ce que les familles apportent.",
    "objectives": "Habiller sans dépenser.",
    "description": "Deux matinées par semaine, au sous-sol.",
}


def settle(batch, **answers):
    """`r1={...}` answers for record 1."""
    told = {int(name[1:]): Answer(**answer) for name, answer in answers.items()}
    return settle_rows(actor=SYSTEM, batch=batch, answers=told)


def outcomes(batch) -> list[str]:
    return list(batch.rows.order_by("number").values_list("outcome", flat=True))


def test_nobody_answers_for_a_structure_that_looks_like_another(bring, stage):
    bring(published(CENTRE))
    row = stage(published(SHORT)).rows.get()
    assert row.near_name == "Centre social Les Margotins"
    assert row.same_structure is None


def test_the_same_structure_brings_the_sheets_that_it_has(bring, stage):
    bring(published(CENTRE, OTHER))
    file = published(
        SHORT | {"limits": "Le puits."}, OTHER | {"structure": "CSC Margottins"}, SHORT | {"title": "Le bal"}
    )
    batch = stage(file)
    assert outcomes(batch) == ["created"] * 3
    settle(batch, r1={"same_structure": True}, r2={"same_structure": True})
    assert outcomes(batch) == ["updated", "unchanged", "created"]
    batch.refresh_from_db()
    assert (batch.counts["created"], batch.counts["updated"], batch.counts["unchanged"]) == (1, 1, 1)
    apply_import(actor=SYSTEM, batch=batch)
    assert Structure.objects.count() == 1
    assert Action.objects.count() == 3
    assert Action.objects.get(title=GARDEN["title"]).limits == "Le puits."
    assert bring(file).counts["unchanged"] == 3
    assert bring(published(CENTRE | {"limits": "Le puits."}, OTHER)).counts["unchanged"] == 2


def test_another_structure_is_created_and_an_answer_can_be_taken_back(bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT, SHORT | {"title": "Le bal"}))
    settle(batch, r1={"same_structure": True})
    settle(batch, r1={"same_structure": False})
    assert outcomes(batch) == ["created", "created"]
    assert [row.same_structure for row in batch.rows.all()] == [False, False]
    apply_import(actor=SYSTEM, batch=batch)
    assert set(Structure.objects.values_list("name", flat=True)) == {"Centre social Les Margotins", "CS Margotins"}
    assert Action.objects.count() == 3


def test_both_spellings_in_one_file_stay_two_sheets(bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT | {"summary": "Une autre."}, CENTRE))
    settle(batch, r1={"same_structure": True})
    assert outcomes(batch) == ["created", "unchanged"]
    apply_import(actor=SYSTEM, batch=batch)
    assert Action.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [{"title": "Le jardin des remparts nord"}, {"title": "Douze parcelles", "limits": "Rien."}],
    ids=["near title", "same content"],
)
def test_a_sheet_under_another_title_is_proposed_and_never_merged_alone(bring, stage, change):
    bring(published(GARDEN, OTHER | {"structure": GARDEN["structure"]}))
    sheet = Action.objects.get(title=GARDEN["title"])
    batch = stage(published(GARDEN | change, OTHER | {"structure": GARDEN["structure"]}))
    row = batch.rows.get(number=1)
    assert (row.outcome, row.near_sheet, row.same_sheet) == ("created", sheet, None)
    apply_import(actor=SYSTEM, batch=batch)
    assert Action.objects.count() == 3


def test_a_sheet_under_another_title_is_the_same_when_someone_says_so(bring, stage):
    bring(published(GARDEN))
    file = published(GARDEN | {"title": "Le jardin des remparts nord", "limits": "Le vent."})
    batch = stage(file)
    settle(batch, r1={"same_sheet": True})
    row = batch.rows.get()
    assert row.outcome == "updated"
    assert {change["field"] for change in row.changes} == {"title", "limits"}
    batch.refresh_from_db()
    assert (batch.counts["created"], batch.counts["updated"]) == (0, 1)
    apply_import(actor=SYSTEM, batch=batch)
    sheet = Action.objects.get()
    assert (sheet.title, sheet.limits) == ("Le jardin des remparts nord", "Le vent.")
    assert bring(file).counts["unchanged"] == 1


def test_saying_that_it_is_another_sheet_gives_it_back_to_nobody(bring, stage):
    bring(published(GARDEN))
    batch = stage(published(GARDEN | {"title": "Le jardin des remparts nord"}))
    settle(batch, r1={"same_sheet": True})
    settle(batch, r1={"same_sheet": False})
    row = batch.rows.get()
    assert (row.outcome, row.changes, row.action, row.same_sheet) == ("created", [], None, False)


@pytest.mark.parametrize(
    "other",
    [
        OTHER | {"structure": GARDEN["structure"]},
        GARDEN | {"title": "Le jardin des remparts nord", "structure": "Centre social Le Rouet"},
    ],
    ids=["nothing in common", "another structure"],
)
def test_other_sheets_are_not_taken_for_renamed_ones(bring, stage, other):
    bring(published(GARDEN))
    assert stage(published(other)).rows.get().near_sheet is None


def test_a_sheet_that_the_file_holds_is_not_renamed(bring, stage):
    bring(published(GARDEN))
    batch = stage(published(GARDEN | {"title": "Le jardin des remparts nord"}, GARDEN))
    assert batch.rows.get(number=1).near_sheet is None


def test_one_sheet_is_proposed_to_one_record(bring, stage):
    bring(published(GARDEN))
    near = [GARDEN | {"title": f"Le jardin des remparts {side}"} for side in ("n", "du grand nord")]
    batch = stage(published(*near))
    assert [row.near_sheet is not None for row in batch.rows.all()] == [True, False]


def test_the_same_answer_twice_is_noted_once(bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT))
    assert [settle(batch, r1={"same_structure": True}) for _ in range(2)] == [1, 0]
    assert JournalEntry.objects.filter(verb="actions.import_settled").count() == 1


def test_values_read_otherwise_than_written_are_noted_with_their_count(stage):
    batch = stage(
        published(
            GARDEN | {"keywords": ["Viellissement", "culture"], "public": "Les gens du fleuve"},
            GARDEN | {"title": "Le bal", "keywords": ["viellissement"], "public": "Les gens du fleuve"},
        )
    )
    assert batch.notes == {
        "corrected": [{"field": "keywords", "raw": "Viellissement", "label": "Vieillissement", "row": 1, "count": 2}],
        "unknown": [
            {"field": "public", "raw": "Les gens du fleuve", "label": "Les gens du fleuve", "row": 1, "count": 2}
        ],
    }
