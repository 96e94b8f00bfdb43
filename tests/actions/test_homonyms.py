"""Sheets of one structure and one title: told apart by what they say, whatever their order in the file."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.imports.homonyms import Content, pair
from tisserand.actions.imports.progress import GROUP
from tisserand.actions.models import Action
from tisserand.actions.operations.imports import apply_import
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db
YEARS = [
    GARDEN | {"summary": f"La saison {year}.", "people": f"{year - 2000} habitants", "keywords": keywords}
    for year, keywords in ((2021, ["Culture"]), (2022, ["Santé"]), (2023, ["Santé", "Culture"]), (2024, []))
]


def summaries() -> dict[int, str]:
    return dict(Action.objects.values_list("pk", "summary"))


def test_homonyms_in_another_order_do_not_read_as_changes(bring):
    bring(published(*YEARS))
    before = list(Action.objects.order_by("pk").values())
    for seed in range(6):
        shuffled = random.Random(seed).sample(YEARS, len(YEARS))
        assert bring(published(*shuffled)).counts["unchanged"] == len(YEARS)
    assert list(Action.objects.order_by("pk").values()) == before


def test_a_changed_homonym_is_the_least_different_one(bring):
    bring(published(*YEARS))
    before = summaries()
    changed = YEARS[2] | {"summary": "La saison 2023, sous la pluie."}
    batch = bring(published(YEARS[3], changed, YEARS[1], YEARS[0]))
    assert (batch.counts["updated"], batch.counts["unchanged"]) == (1, 3)
    (moved,) = (pk for pk, summary in summaries().items() if summary != before[pk])
    assert before[moved] == "La saison 2023."


def test_a_homonym_alone_in_a_file_finds_its_sheet(bring):
    bring(published(*YEARS))
    assert bring(published(YEARS[2])).counts["unchanged"] == 1
    assert Action.objects.count() == 4


def test_a_new_homonym_before_the_known_one_comes_as_new(bring):
    bring(published(YEARS[0]))
    batch = bring(published(YEARS[1], YEARS[0]))
    assert (batch.counts["created"], batch.counts["unchanged"]) == (1, 1)
    assert sorted(summaries().values()) == ["La saison 2021.", "La saison 2022."]


def test_a_homonym_edited_here_is_still_recognised_by_what_it_came_with(bring):
    bring(published(*YEARS))
    sheet = Action.objects.get(summary="La saison 2022.")
    edit(sheet, summary="Écrit ici.", people="")
    batch = bring(published(*reversed(YEARS)))
    assert (batch.counts["conflicts"], batch.counts["unchanged"]) == (1, 3)
    assert batch.rows.get(outcome="conflict").action == sheet


def test_homonyms_far_apart_in_a_long_file(bring, stage, monkeypatch):
    for module in ("staging", "applying", "deciding"):
        monkeypatch.setattr(f"tisserand.actions.operations.imports.{module}.GROUP", 2)
    assert GROUP > 2
    between = [GARDEN | {"title": f"Fiche {n}"} for n in range(3)]
    bring(published(YEARS[0], *between, YEARS[1]))
    batch = bring(published(YEARS[1], *between, YEARS[0]))
    assert batch.counts["unchanged"] == 5
    staged = stage(published(YEARS[2], *between, YEARS[1], YEARS[0]))
    assert [row.outcome for row in staged.rows.all()] == ["created", *["unchanged"] * 5]
    assert (staged.counts["created"], staged.counts["unchanged"]) == (1, 5)
    assert apply_import(actor=SYSTEM, batch=staged).counts["unchanged"] == 5


def test_homonyms_born_here_are_found_by_their_content_too(make_action, structure, bring):
    told = [{key: sheet[key] for key in ("title", "summary", "people", "keywords")} for sheet in YEARS[:2]]
    for sheet in told:
        make_action(structure=structure, **sheet)
    named = [sheet | {"structure": structure.name, "department": structure.department} for sheet in reversed(told)]
    assert bring(json.dumps(named), "fiches.json").counts["unchanged"] == 2
    assert Action.objects.count() == 2


sheet = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Le jardin", "La friperie"]),
        "summary": st.sampled_from(["Un.", "Deux.", "Trois."]),
        "limits": st.sampled_from(["", "Aucune."]),
        "keywords": st.lists(st.sampled_from(["Culture", "Santé"]), unique=True),
    }
)


@given(st.lists(sheet, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_any_homonyms_changes_nothing(bring, sheets, random_):
    Action.objects.all().delete()
    sheets = [GARDEN | one for one in sheets]
    bring(published(*sheets))
    again = list(sheets)
    random_.shuffle(again)
    assert bring(published(*again)).counts["unchanged"] == len(sheets)
    assert Action.objects.count() == len(sheets)


def test_pairing_stays_quick_when_a_file_has_one_title_for_everything():
    records = [Content({"summary": f"un {n}"}) for n in range(400)]
    sheets = [Content({"summary": f"deux {n}"}) for n in range(399)] + [records[0]]
    pairs = pair(records, sheets)
    assert pairs[0] == 399
    assert len(set(pairs.values())) == 400
