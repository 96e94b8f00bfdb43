"""Whatever happens to sheets, in whatever order: what is public stays whole, what is under way stays inside.

`TISSERAND_HISTORIES=500x50` plays as many histories of as many steps; the suite plays a few short ones.
"""

import json
import os
import re
from collections import Counter
from itertools import count
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.factories import ActionFactory, NetworkFactory, StructureFactory
from tests.sheets import person
from tisserand.actions.enums import UNDER_WAY, FactState, State
from tisserand.actions.fields import mark
from tisserand.actions.models import Action, Fact, ImportBatch, Remark, Version
from tisserand.actions.operations.facts import Decision, decide_facts
from tisserand.actions.operations.imports import apply_import, deposit_import, read_import, undo_import
from tisserand.actions.operations.life import (
    ClashingChanges,
    archive,
    begin_sheet,
    discard,
    publish,
    rebase,
    rewrite,
    send_back,
    settle_clashes,
    submit,
    take_back,
)
from tisserand.actions.operations.lineage import take_up
from tisserand.actions.operations.remarks import add_remark, reopen_remark, settle_remark, withdraw_remark
from tisserand.actions.operations.restoring import restore
from tisserand.actions.operations.running import confirm_running, say_over
from tisserand.actions.operations.sheets import EditedMeanwhile, publish_drafts
from tisserand.actions.operations.writing import write_field
from tisserand.actions.queries import changes_of, published, with_content
from tisserand.actions.search import SPACE, document, for_index
from tisserand.network.models import Structure, StructureMerge
from tisserand.network.operations import merge_structures, part_structures
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry
from tisserand.search.backends import backend
from tisserand.search.bitmaps import forget
from tisserand.search.models import SearchDoc
from tisserand.search.query import parse

pytestmark = pytest.mark.django_db
RUNS, STEPS = map(int, os.environ.get("TISSERAND_HISTORIES", "12x25").split("x"))
REFUSED = (PermissionDenied, ValidationError, EditedMeanwhile, ClashingChanges, Http404)
MOST = 6  # sheets begun in one history, so that they meet
PUBLIC = (State.PUBLISHED, State.ARCHIVED)
FITTING = {
    submit: (State.DRAFT, State.RETURNED), take_back: (State.SUBMITTED,), send_back: (State.SUBMITTED,),
    discard: UNDER_WAY, rewrite: PUBLIC, rebase: UNDER_WAY, archive: PUBLIC, confirm_running: PUBLIC, say_over: PUBLIC,
}  # fmt: skip
which = st.integers(0, 11)
whose = st.sampled_from(["team", "member", "neighbour"])
done: Counter[str] = Counter()


class Histories(RuleBasedStateMachine):
    """Two structures, someone who writes for each, the network's team; and what was once public."""

    @initialize()
    def open(self) -> None:
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.network, self.words = NetworkFactory(), count()
        self.structures = [StructureFactory(network=self.network) for _n in range(2)]
        self.people = {
            "member": person(self.network, self.structures[0]),
            "neighbour": person(self.network, self.structures[1]),
            "team": person(self.network, kind="mission"),
        }
        self.once_public: dict[int, dict[int, Any]] = {}
        self.may_go: set[int] = set()
        ActionFactory(network=self.network, structure=self.structures[1], title="Chant")  # no file brought it: it stays
        self.state, self.changed = self.picture(), True
        for title in ("Jardin", "Couture"):
            self.bring(title)

    def teardown(self) -> None:
        """What anyone is told, by the page and by the API, is what is public."""
        try:
            public = sorted(Action.objects.filter(state=State.PUBLISHED).values_list("pk", flat=True))
            told = json.loads(Client().get("/api/actions").content)
            assert sorted(one["id"] for one in told["items"]) == public
            page = Client().get("/actions/").content.decode()
            assert sorted(set(map(int, re.findall(r'href="/actions/(\d+)/', page)))) == public
        finally:
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)
            forget()

    # What is done

    def act(self, operation, *, quiet: bool = False, **arguments: Any) -> Any:
        """Do it, or be refused; what is refused changes nothing, what changes has its line of the journal."""
        lines = JournalEntry.objects.count()
        try:
            with transaction.atomic():
                made = operation(**arguments)
        except REFUSED:
            made = None
        after = self.picture()
        changed, told = after != self.state, JournalEntry.objects.count() > lines
        assert not changed or told or quiet, f"{operation.__name__} changed something and told nothing"
        assert changed or made is not None or not told
        self.state, self.changed = after, self.changed or changed
        done[f"{operation.__name__} {'' if made is not None else 'refused'}"] += 1
        return made

    def picture(self) -> list[Any]:
        """Everything that people wrote or decided."""
        dates = {"updated_at", "submitted_at", "confirmed_at"}
        fields = [field.attname for field in Action._meta.concrete_fields if field.attname not in dates]
        return [
            list(Action.objects.order_by("pk").values_list(*fields)),
            list(Action.terms.through.objects.order_by("pk").values_list("action", "term")),
            list(Remark.objects.order_by("pk").values_list("pk", "action", "text", "settled_at")),
            list(Fact.objects.order_by("pk").values_list("pk", "action", "start", "state")),
            list(Version.objects.order_by("pk").values_list("action", "number")),
            list(Structure.objects.order_by("pk").values_list("pk", flat=True)),
        ]

    def sheet(self, number: int, *states: str) -> Action | None:
        rows = Action.objects.order_by("pk")
        rows = rows.filter(state__in=states) if states else rows
        return rows[number % len(rows)] if rows else None

    def text(self) -> str:
        return f"mot{next(self.words)} pour 12 habitants, 30 € chacun"

    def bring(self, title: str, *, as_draft: bool = False, **values: str) -> ImportBatch:
        """A file that holds one sheet, read and written."""
        number, structure = next(self.words), Structure.objects.order_by("pk").first()
        record = {"title": title, "structure": structure.name, "department": structure.department, **values}
        batch = deposit_import(
            actor=SYSTEM, network=self.network, filename="a.json", token=f"fichier {number}", as_draft=as_draft,
            file=ContentFile(json.dumps([record]).encode()),
        )  # fmt: skip
        read_import(actor=SYSTEM, batch=batch)
        self.act(apply_import, actor=SYSTEM, batch=batch)
        return batch

    @rule(who=whose, where=which)
    def begin(self, who, where):
        structures = Structure.objects.order_by("pk")
        if Action.objects.filter(revises=None).count() < MOST:
            self.act(
                begin_sheet, actor=self.people[who], network=self.network, title=f"Titre {self.text()}",
                structure=structures[where % len(structures)], token=str(next(self.words)),
            )  # fmt: skip

    @rule(
        number=which,
        who=whose,
        key=st.sampled_from(["title", "summary", "summary", "description", "limits"]),
        empty=st.booleans(),
        late=st.booleans(),
    )
    def write(self, number, who, key, empty, late):
        sheet = self.sheet(number, *UNDER_WAY)
        if sheet:
            base = mark("autre") if late and not empty else mark(getattr(sheet, key))
            value = "" if empty and late else self.text()
            self.act(
                write_field, quiet=True, actor=self.people[who], action=sheet, key=key, value=value, base=base
            )  # a line for each sitting

    @rule(number=which, who=whose)
    def fill_and_propose(self, number, who):
        sheet = self.sheet(number, State.DRAFT, State.RETURNED)
        for key in ("summary", "description"):
            if sheet and not getattr(sheet, key):
                base = mark(getattr(sheet, key))
                self.act(write_field, quiet=True, actor=SYSTEM, action=sheet, key=key, value=self.text(), base=base)
        if sheet:
            self.act(submit, actor=self.people[who], action=sheet)

    @rule(number=which, keep=st.booleans())
    def read(self, number, keep):
        """Something is asked of a sheet, which goes back; or goes out all the same."""
        sheet = self.sheet(number, State.SUBMITTED)
        if sheet:
            token, team = str(next(self.words)), self.people["team"]
            self.act(add_remark, actor=team, action=sheet, field="", text="Dites pour qui.", token=token)
            self.act(send_back if keep else publish, actor=team, action=sheet)

    @rule(number=which, key=st.sampled_from(["summary", "limits"]))
    def rewrite_and_write(self, number, key):
        sheet = self.sheet(number, *PUBLIC)
        copy = self.act(rewrite, actor=SYSTEM, action=sheet)
        base = mark(getattr(copy, key))
        self.act(write_field, quiet=True, actor=SYSTEM, action=copy, key=key, value=self.text(), base=base)

    @rule(number=which, who=whose, operation=st.sampled_from(list(FITTING)))
    def one_gesture(self, number, who, operation):
        """Where it has a meaning, by anyone."""
        sheet = self.sheet(number, *FITTING[operation])
        if sheet:
            self.act(operation, actor=self.people[who], action=sheet)

    @rule(number=which, operation=st.sampled_from(list(FITTING)))
    def one_gesture_anywhere(self, number, operation):
        self.act(operation, actor=self.people["team"], action=self.sheet(number))

    @rule(number=which, who=whose, stale=st.sampled_from([False, False, True]))
    def publish(self, number, who, stale):
        sheet = self.sheet(number, *UNDER_WAY) or self.sheet(number)
        under, rewriting, content = sheet.is_under_way, sheet.revises, sheet.content()
        expected = self.brought_together(sheet) if rewriting else content
        read = (sheet.state, sheet.revision + stale) if under else None
        made = self.act(publish, actor=self.people[who], action=sheet, read=read)
        if made:
            assert not (stale and under)
            assert made.is_public
            made = Action.objects.get(pk=made.pk)
            assert made.content() == expected
            assert not rewriting or not Action.objects.filter(pk=sheet.pk).exists()

    def brought_together(self, sheet: Action) -> dict[str, Any] | None:
        """What a public sheet becomes with its rewriting: what changed on one side; None when both changed the same."""
        before = self.once_public[sheet.revises_id][sheet.based_on]
        public, rewriting = sheet.revises.content(), sheet.content()
        clash = any(before[key] != public[key] != rewriting[key] != before[key] for key in before)
        merged = {key: public[key] if rewriting[key] == before[key] else rewriting[key] for key in before}
        return None if clash else merged

    @rule(number=which, pick=st.sampled_from(["public", "rewriting"]), stale=st.booleans())
    def settle_clashes(self, number, pick, stale):
        sheet = Action.objects.exclude(revises=None).order_by("pk")[number % 3 : number % 3 + 1].first()
        if sheet:
            clashing = changes_of(sheet)[1]
            read = (sheet.revision + stale, sheet.revises.revision)
            kept = dict.fromkeys(clashing, pick)
            self.act(settle_clashes, actor=self.people["team"], action=sheet, read=read, kept=kept)

    @rule(number=which, who=whose)
    def remark(self, number, who):
        sheet, token = self.sheet(number, State.SUBMITTED, State.RETURNED) or self.sheet(number), str(next(self.words))
        self.act(add_remark, actor=self.people[who], action=sheet, field="summary", text="Pour qui ?", token=token)

    @rule(number=which, who=whose, operation=st.sampled_from([settle_remark, reopen_remark, withdraw_remark]))
    def on_remark(self, number, who, operation):
        rows = Remark.objects.order_by("pk")
        if rows:
            remark = rows[number % len(rows)]
            self.act(operation, quiet=True, actor=self.people[who], remark=remark)

    @rule(number=which, rank=which, who=whose)
    def restore(self, number, rank, who):
        sheet = self.sheet(number, State.PUBLISHED, State.ARCHIVED)
        numbers = sorted(self.once_public.get(sheet.pk, ())) if sheet else []
        if numbers:
            wanted = numbers[rank % len(numbers)]
            copy = self.act(restore, actor=self.people[who], action=sheet, number=wanted)
            if copy:
                assert Action.objects.get(pk=copy.pk).content() == self.once_public[sheet.pk][wanted]

    @rule(number=which, who=whose, where=which)
    def take_up(self, number, who, where):
        structures = Structure.objects.order_by("pk")
        sheet = self.sheet(number)
        if Action.objects.filter(revises=None).count() < MOST:
            copy = self.act(
                take_up, actor=self.people[who], action=sheet, network=self.network, title=f"Repris {self.text()}",
                structure=structures[where % len(structures)], token=str(next(self.words)),
            )  # fmt: skip
            assert not copy or sheet.is_public

    @rule(number=which, who=whose, state=st.sampled_from(FactState))
    def decide(self, number, who, state):
        rows = Fact.objects.order_by("pk")
        if rows:
            fact = rows[number % len(rows)]
            self.act(decide_facts, actor=self.people[who], action=fact.action, decisions={fact.pk: Decision(state)})

    @rule(number=which, as_draft=st.booleans(), new=st.booleans())
    def import_over(self, number, as_draft, new):
        sheet = self.sheet(number, State.PUBLISHED, State.ARCHIVED)
        if sheet and not new:
            self.bring(sheet.title, summary=self.text())
        elif Action.objects.filter(revises=None).count() < MOST:
            self.bring(f"Fichier {self.text()}", as_draft=as_draft, summary=self.text())

    @rule(number=which)
    def undo(self, number):
        rows = ImportBatch.objects.order_by("pk")
        batch = rows[number % len(rows)]
        self.may_go = set(batch.rows.exclude(action=None).values_list("action", flat=True))
        self.act(undo_import, actor=SYSTEM, batch=batch)

    @rule(number=which)
    def publish_import(self, number):
        rows = ImportBatch.objects.order_by("pk")
        self.act(publish_drafts, actor=self.people["team"], batch=rows[number % len(rows)])

    @rule(keep=st.integers(0, 1))
    def merge(self, keep):
        both = list(Structure.objects.order_by("pk"))
        if len(both) == 2:
            self.act(merge_structures, actor=SYSTEM, kept=both[keep], gone=both[1 - keep])

    @rule()
    def part(self):
        merge = StructureMerge.objects.first()
        if merge:
            self.act(part_structures, actor=SYSTEM, merge=merge)

    # What holds whatever was done

    @invariant()
    def holds(self) -> None:
        """Once for each change."""
        if self.changed:
            self.what_was_public_is_kept()
            self.what_is_under_way_stays_inside()
            self.what_hangs_on_sheets_holds()
        self.changed = False

    def what_was_public_is_kept(self) -> None:
        rows = with_content(Action.objects.filter(state__in=[State.PUBLISHED, State.ARCHIVED]))
        for sheet in rows.prefetch_related("versions"):
            said, content = self.once_public.setdefault(sheet.pk, {}), sheet.content()
            assert said.setdefault(sheet.revision, content) == content, "changed, and no new revision"
            kept = {version.number: version.values for version in sheet.versions.all()} | {sheet.revision: content}
            assert {number: kept.get(number) for number in said} == said
        gone = self.once_public.keys() - set(Action.objects.values_list("pk", flat=True))
        assert gone <= self.may_go, "a sheet that was public is no more"
        self.once_public = {pk: said for pk, said in self.once_public.items() if pk not in gone}
        self.may_go = set()

    def what_is_under_way_stays_inside(self) -> None:
        public = set(Action.objects.filter(state=State.PUBLISHED).values_list("pk", flat=True))
        docs = {doc.pk: doc for doc in SearchDoc.objects.all()}
        assert {pk for pk, doc in docs.items() if doc.visible} == {SPACE.doc_id(pk) for pk in public}
        assert set(published().values_list("pk", flat=True)) == public
        for sheet in for_index(Action.objects.values_list("pk", flat=True)):
            assert sheet.title.strip()
            words = " ".join(text.split()[0] for text in (sheet.summary, sheet.description, sheet.limits) if text)
            found = set(backend().match(SPACE.number, parse(f"{sheet.title} {words}").clauses("")))
            assert (sheet.pk in found & public) == sheet.is_public
            if sheet.is_public:
                facets = [f"{key}={value}" for key, value in document(sheet).facets]
                assert sorted(docs[SPACE.doc_id(sheet.pk)].facets.split()) == sorted(facets)

    def what_hangs_on_sheets_holds(self) -> None:
        rewritings = Action.objects.exclude(revises=None)
        assert len({one.revises_id for one in rewritings}) == len(rewritings)
        assert all(one.is_under_way for one in rewritings)
        assert not Remark.objects.filter(settled_at=None).exclude(action__state__in=UNDER_WAY).exists()
        for fact in Fact.objects.select_related("action"):
            assert getattr(fact.action, fact.field)[fact.start : fact.end][:200] == fact.text


def play() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=set(Phase) - ({Phase.shrink} if RUNS * STEPS > 1000 else set()),
        ),
    )


def test_any_history_of_sheets(db):
    play()
    if RUNS * STEPS > 1000:
        print(sorted(done.items()))
