"""Importing: idempotent, whole, never over someone's work."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.enums import BatchState
from tisserand.actions.models import Action, Fact, ImportBatch, ImportRow, Term, TermAlias
from tisserand.actions.operations.imports import apply_import, cancel_import, settle_row
from tisserand.network.models import Structure
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
OTHER = GARDEN | {"title": "La friperie", "summary": "On trie, on lave, on donne.", "limits": ""}


def test_a_new_file_creates_published_sheets(bring):
    batch = bring(published(GARDEN, OTHER))
    assert batch.counts["read"] == batch.counts["created"] == 2
    action = Action.objects.get(title=GARDEN["title"])
    assert action.is_public
    assert action.labels("partner") == ["Caf", "Commune"]
    assert batch.counts["suggestions"] == Fact.objects.count() > 0
    assert JournalEntry.objects.filter(verb="actions.import_applied").count() == 1


def test_the_same_file_again_changes_nothing(bring):
    bring(published(GARDEN, OTHER))
    before = list(Action.objects.order_by("pk").values())
    facts = list(Fact.objects.order_by("pk").values())
    batch = bring(published(GARDEN, OTHER))
    assert batch.counts == {
        "read": 2, "created": 0, "updated": 0, "unchanged": 2, "conflicts": 0, "rejected": 0, "suggestions": 0,
    }  # fmt: skip
    assert list(Action.objects.order_by("pk").values()) == before
    assert list(Fact.objects.order_by("pk").values()) == facts


def test_drafts_when_asked(bring):
    bring(published(GARDEN), as_draft=True)
    assert not Action.objects.get().is_public


def test_a_changed_sheet_updates_with_its_difference_first(stage, bring):
    bring(published(GARDEN, OTHER))
    changed = GARDEN | {"people": "3 animatrices et 20 habitants", "public": "Seniors"}
    batch = stage(published(changed, OTHER))
    row = batch.rows.get(outcome="updated")
    assert {change["field"] for change in row.changes} == {"people", "public"}
    assert Action.objects.get(title=GARDEN["title"]).people == GARDEN["people"]  # nothing before confirmation
    apply_import(actor=SYSTEM, batch=batch)
    action = Action.objects.get(title=GARDEN["title"])
    assert action.people == changed["people"]
    assert action.labels("public") == ["Seniors"]
    assert {fact.text for fact in action.facts.filter(field="people")} == {"3 animatrices", "20 habitants"}


def test_a_label_that_the_file_does_not_have_erases_nothing(bring):
    bring(published(GARDEN))
    bring(published(GARDEN, absent={"people", "keywords"}))
    action = Action.objects.get()
    assert action.people == GARDEN["people"]
    assert action.labels("keyword") == GARDEN["keywords"]


def test_a_sheet_edited_here_is_reported_and_not_overwritten(bring):
    bring(published(GARDEN, OTHER))
    edit(Action.objects.get(title=GARDEN["title"]), summary="Écrit ici.")
    batch = bring(published(GARDEN | {"summary": "Écrit ailleurs."}, OTHER))
    assert (batch.counts["conflicts"], batch.counts["updated"]) == (1, 0)
    assert Action.objects.get(title=GARDEN["title"]).summary == "Écrit ici."


def test_a_title_changed_here_is_still_the_same_sheet(bring):
    bring(published(GARDEN))
    edit(Action.objects.get(), title="Le jardin du canal")
    batch = bring(published(GARDEN | {"limits": "Autre chose."}))
    assert batch.counts["created"] == 0
    assert Action.objects.get().title == "Le jardin du canal"


@pytest.mark.parametrize(("kept", "text"), [("here", "Écrit ici."), ("file", "Écrit ailleurs.")])
def test_a_conflict_is_settled_in_the_preview_and_stays_settled(stage, bring, kept, text):
    bring(published(GARDEN))
    edit(Action.objects.get(), summary="Écrit ici.")
    file = published(GARDEN | {"summary": "Écrit ailleurs.", "limits": "Nouvelle limite."})
    batch = stage(file)
    settle_row(actor=SYSTEM, row=batch.rows.get(), choices={"summary": kept})
    apply_import(actor=SYSTEM, batch=batch)
    action = Action.objects.get()
    assert action.summary == text
    assert action.limits == "Nouvelle limite."
    assert bring(file).counts["unchanged"] == 1


def test_what_changed_between_preview_and_confirmation_is_not_overwritten(stage, bring):
    bring(published(GARDEN))
    batch = stage(published(GARDEN | {"summary": "Écrit ailleurs."}))
    assert batch.rows.get().outcome == "updated"
    edit(Action.objects.get(), summary="Écrit ici, entre-temps.")
    batch = apply_import(actor=SYSTEM, batch=batch)
    assert batch.counts["conflicts"] == 1
    assert Action.objects.get().summary == "Écrit ici, entre-temps."


def test_applying_twice_is_applying_once(stage):
    batch = stage(published(GARDEN))
    apply_import(actor=SYSTEM, batch=batch)
    again = apply_import(actor=SYSTEM, batch=batch)
    assert again.counts["created"] == 1
    assert Action.objects.count() == 1


def test_two_sheets_with_one_title_stay_two(bring):
    text = published(GARDEN, GARDEN | {"summary": "L'année suivante."})
    bring(text)
    assert Action.objects.count() == 2
    assert bring(text).counts["unchanged"] == 2


def test_structures_match_whatever_case_accents_and_spacing(bring):
    bring(published(GARDEN | {"structure": "Centre social  L'ÉTOILE"}, OTHER | {"structure": "centre social l’etoile"}))
    assert Structure.objects.count() == 1
    bring(published(GARDEN | {"title": "C", "structure": "Centre social l'Étoile", "department": "Aisne"}))
    assert Structure.objects.count() == 2  # another département is another structure


def test_a_near_duplicate_is_proposed_and_never_merged_alone(stage, bring):
    bring(published(GARDEN))
    file = published(OTHER | {"structure": "Centre Social La Navete"})
    batch = stage(file)
    row = batch.rows.get()
    assert row.near.name == "Centre social La Navette"
    apply_import(actor=SYSTEM, batch=batch)
    assert Structure.objects.count() == 2

    again = stage(published(OTHER | {"title": "D", "structure": "Centre Social La Navettte"}))
    settle_row(actor=SYSTEM, row=again.rows.get(), choices={}, same_structure=True)
    apply_import(actor=SYSTEM, batch=again)
    assert Structure.objects.count() == 2
    assert bring(published(OTHER | {"title": "D", "structure": "Centre Social La Navettte"})).counts["unchanged"] == 1


def test_known_misspellings_map_and_the_original_stays(bring):
    bring(published(GARDEN | {"keywords": ["Viellissement", "culture"]}))
    action = Action.objects.get()
    assert action.labels("keyword") == ["Vieillissement", "Culture"]
    assert [link.original for link in action.term_links.filter(term__facet="keyword")] == ["Viellissement", "culture"]
    assert TermAlias.objects.get(text="Viellissement").term.label == "Vieillissement"


def test_an_unknown_value_is_kept_and_marked(bring):
    batch = bring(published(GARDEN | {"public": "Personnes en itinérance"}))
    term = Term.objects.get(label="Personnes en itinérance")
    assert not term.verified
    assert batch.messages[0]["field"] == "public"
    assert "à vérifier" in batch.messages[0]["text"]


def test_a_refused_file_leaves_nothing(bring, stage):
    bring(published(GARDEN))
    before = list(Action.objects.values())
    batch = stage(b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert batch.state == "refused"
    assert batch.messages[0]["text"]
    assert apply_import(actor=SYSTEM, batch=batch).state == "refused"
    assert list(Action.objects.values()) == before
    assert not ImportRow.objects.filter(batch=batch).exists()


def test_a_failure_half_way_writes_nothing(stage, monkeypatch):
    batch = stage(published(*(GARDEN | {"title": f"Fiche {n}"} for n in range(20))))

    def fail(_ids):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("tisserand.actions.operations.imports.applying.index_actions", fail)
    with pytest.raises(RuntimeError):
        apply_import(actor=SYSTEM, batch=batch)
    assert Action.objects.count() == 0
    assert Structure.objects.count() == 0
    batch.refresh_from_db()
    assert batch.state == "waiting"


def test_only_the_staff_of_the_network(stage, stranger, staff):
    batch = stage(published(GARDEN))
    for operation in (apply_import, cancel_import):
        with pytest.raises(PermissionDenied):
            operation(actor=stranger, batch=batch)
    with pytest.raises(PermissionDenied):
        settle_row(actor=stranger, row=batch.rows.get(), choices={})
    assert apply_import(actor=staff, batch=batch).counts["created"] == 1


def test_queries_do_not_grow_with_the_rows_of_a_group(stage, django_assert_max_num_queries):
    for count in (3, 60):
        batch = stage(published(*(GARDEN | {"title": f"{count} fiche {n}"} for n in range(count))))
        with django_assert_max_num_queries(60):
            apply_import(actor=SYSTEM, batch=batch)


def run(capsys, *arguments) -> tuple[dict, int]:
    status = 0
    try:
        call_command("import_actions", *arguments, "--report", "json")
    except SystemExit as error:
        status = error.code
    return json.loads(capsys.readouterr().out), status


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "fiches.txt"
    path.write_text(published(GARDEN, OTHER))
    network = ("--network", "essai", "--create-network", "Essai")
    report, status = run(capsys, path, *network, "--dry-run")
    assert (report["created"], status) == (2, 0)
    assert list(report) == [
        "read", "created", "updated", "unchanged", "conflicts", "rejected", "suggestions", "messages",
    ]  # fmt: skip
    assert Action.objects.count() == Structure.objects.count() == ImportBatch.objects.count() == 0
    report, status = run(capsys, path, *network)
    assert (report["created"], status) == (2, 0)
    report, status = run(capsys, path, "--network", "essai")
    assert (report["unchanged"], status) == (2, 0)
    path.write_bytes(b"\x00\x01\x02")
    report, status = run(capsys, path, "--network", "essai")
    assert (report["rejected"], status) == (1, 1)
    assert set(report["messages"][0]) == {"line", "record", "field", "level", "text"}


def test_the_extract_comes_in_and_out_unchanged(bring, extract, network):
    from io import BytesIO

    from tisserand.actions.exports import write_text
    from tisserand.actions.queries import with_content

    batch = bring(extract)
    assert batch.counts["created"] == 11
    assert batch.messages == []
    out = BytesIO()
    write_text(out, with_content(Action.objects.order_by("pk")))
    assert out.getvalue() == extract.replace(b"- Viellissement\n", b"- Vieillissement\n")


def test_giving_up_that_fails_keeps_the_file(stage, monkeypatch):
    """The file goes once it is sure that no row names it: a process that ends half-way leaves both, or the file alone."""
    batch = stage(published(GARDEN))

    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(ImportBatch, "save", fail)
    with pytest.raises(RuntimeError):
        cancel_import(actor=SYSTEM, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.WAITING
    assert batch.file.storage.exists(batch.file.name)
