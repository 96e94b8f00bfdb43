"""Run by a test in an instance: writers are killed over and over, and after each time all that was answered is there.

One process has everything loaded; it forks the writers and, once they are dead, whoever looks. It holds no connection
meanwhile: what a fork shares, the death of one would break for all.
"""

import json
import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone

from tests.deposits import pdf
from tests.factories import ActionFactory, StructureFactory
from tests.sheets import person
from tisserand.actions.enums import BatchState, State
from tisserand.actions.fields import mark
from tisserand.actions.models import Action, Attachment, ImportBatch, Remark
from tisserand.actions.operations.attachments import attach, look_into
from tisserand.actions.operations.imports import cancel_import, deposit_import
from tisserand.actions.operations.life import begin_sheet, publish, submit
from tisserand.actions.operations.remarks import add_remark
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.operations.writing import write_field
from tisserand.actions.privacy import purge_attachments, purge_orphans
from tisserand.actions.search import SPACE, document, for_index
from tisserand.network.models import Network, Structure, User
from tisserand.privacy.models import JournalEntry
from tisserand.search.backends import backend
from tisserand.search.models import SearchDoc, SearchSpace
from tisserand.search.query import parse

WRITERS = 4
HASTY = "HASTY" in os.environ  # the control: what is under way is told as done


class Writer:
    """Someone at work: each gesture is noted before it is asked, and again once it was answered."""

    def __init__(self, number: int, round_: int, log: int) -> None:
        self.log, self.made = log, count()
        self.prefix = f"mot{round_:03}{'abcd'[number]}"
        network = Network.objects.get(slug="essai")
        structure = Structure.objects.get(name="Essai")
        self.place = {"network": network, "structure": structure}
        self.writer = User.objects.get(last_name="Plume")
        self.reader = User.objects.get(last_name="Relecture")

    def note(self, **line: Any) -> None:
        """One write: a line is there whole, or not at all."""
        os.write(self.log, (json.dumps(line) + "\n").encode())

    def word(self) -> str:
        """A word that nothing else holds, which the search finds."""
        return f"{self.prefix}{next(self.made):05}"

    def ask(self, what: str, operation: Callable[[], Any], **about: Any) -> Any:
        """Ask for a write, and note how it was answered."""
        self.note(answer="confirmed" if HASTY and what == "remark" else "asked", what=what, **about)
        try:
            done = operation()
        except (ValidationError, EditedMeanwhile):
            self.note(answer="refused", what=what, **about)
            return None
        self.note(answer="confirmed", what=what, **about | {"pk": getattr(done, "pk", None)})
        return done

    def work(self) -> None:
        """Again and again, until killed."""
        while True:
            self.bring_one()

    def bring_one(self) -> None:
        """A sheet from its title to the catalogue; on the way, a word in the sheet that all write."""
        title = self.word()
        sheet = self.ask(
            "begin", lambda: begin_sheet(actor=self.writer, title=title, token=title, **self.place), word=title
        )
        self.ask("submit", lambda: submit(actor=self.writer, action=sheet), word=title)  # it says too little yet
        for key in ("summary", "description"):
            self.write(sheet, key, "")
        self.together()
        self.files(sheet, title)
        self.ask("submit", lambda: submit(actor=self.writer, action=sheet), word=title)
        text = self.word()
        self.ask("remark", lambda: self.remark(sheet, text), word=text)
        self.ask("publish", lambda: publish(actor=self.reader, action=sheet), word=title)

    def write(self, sheet: Action, key: str, base: str) -> None:
        value = f"{self.word()} pour 12 habitants"
        about = {"word": value.split(maxsplit=1)[0], "sheet": sheet.pk, "key": key}
        self.ask(
            "write",
            lambda: write_field(actor=self.writer, action=sheet, key=key, value=value, base=mark(base)),
            **about,
        )

    def together(self) -> None:
        """In one sheet that all write: who comes second is refused."""
        shared = Action.objects.get(title="À plusieurs")
        self.write(shared, "limits", shared.limits)

    def files(self, sheet: Action, title: str) -> None:
        """A document kept; an import deposited, and given up."""
        content = pdf(body=b"% " + title.encode() * 2000)
        self.ask(
            "attach",
            lambda: attach(actor=self.writer, action=sheet, deposit=look_into(BytesIO(content), name=title)),
            word=title,
        )
        deposit = {"network": self.place["network"], "filename": "a.txt", "token": title}
        batch = self.ask(
            "deposit",
            lambda: deposit_import(actor=self.reader, file=ContentFile(title.encode() * 2000), **deposit),
            word=title,
        )
        self.ask("cancel", lambda: cancel_import(actor=self.reader, batch=batch), word=title)

    def remark(self, sheet: Action, text: str) -> Remark:
        return add_remark(actor=self.reader, action=sheet, field="summary", text=text, token=text)


def fork(work: Callable[[], None]) -> int:
    """A process of its own, which ends with *work*."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def apart(work: Callable[[], None]) -> None:
    """Do it in a process of its own, so that this one keeps no connection."""
    _pid, status = os.waitpid(fork(work), 0)
    assert status == 0


def furnish() -> None:
    """Who writes, who reads, and the sheet that all write."""
    network = Network.objects.get(slug="essai")
    structure = StructureFactory(network=network, name="Essai")
    for name, user in (("Plume", person(network, structure)), ("Relecture", person(network, kind="mission"))):
        User.objects.filter(pk=user.pk).update(last_name=name)
    ActionFactory(network=network, structure=structure, title="À plusieurs", draft=True)


def rounds(times: int) -> None:
    """Kill the writers *times* times, and look."""
    furnish()
    with (settings.DATA / "log").open("wb") as log:
        Writer(0, times, log.fileno()).bring_one()  # so that what Django loads when it is asked is loaded for all
    connections.close_all()
    chance, told = random.Random(times), 0
    for number in range(times):
        log = settings.DATA / f"log-{number}"
        told += one_round(number, log, chance)
        apart(lambda number=number, log=log: look(lines(log), f"mot{number:03}"))
    apart(look_at_files)
    apart(lambda: check_index(Action.objects.all()))
    print(told)


def one_round(number: int, log: Path, chance: random.Random) -> int:
    """Four writers at work, killed together once so much was answered; returns how much."""
    log.touch()
    out = os.open(log, os.O_WRONLY | os.O_APPEND)
    pids = [fork(lambda rank=rank: Writer(rank, number, out).work()) for rank in range(WRITERS)]
    enough = chance.randint(5, 40)
    try:
        while log.read_bytes().count(b'"confirmed"') < enough:
            time.sleep(0.002)
            assert not any(os.waitpid(pid, os.WNOHANG)[0] for pid in pids), "a writer died by itself"
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            os.waitpid(pid, 0)
        os.close(out)
    return log.read_bytes().count(b'"confirmed"')


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().split("\n") if line.endswith("}")]


def look(told: list[dict[str, Any]], prefix: str) -> None:
    """What was confirmed is there, what was refused is not; the rest holds together."""
    for line in told:
        if line["answer"] == "confirmed":
            CONFIRMED[line["what"]](line, told)
    rows = Action.objects.values_list("summary", "description", "limits")
    kept = " ".join(value for row in rows for value in row)
    for line in told:
        assert not (line["answer"] == "refused" and line["what"] == "write" and line["word"] in kept), line
    for word, pk in begun(told).items():
        asked = [line["answer"] for line in told if line["what"] == "submit" and line["word"] == word]
        if asked.count("asked") == asked.count("refused"):
            assert Action.objects.get(pk=pk).state == State.DRAFT
    check_database()
    sheets = Action.objects.filter(title__startswith=prefix)
    check_index(sheets)
    check_journal(sheets)


def begun(told: list[dict[str, Any]]) -> dict[str, int]:
    """The sheets that were begun, by title."""
    return {line["word"]: line["pk"] for line in told if line["what"] == "begin" and line["answer"] == "confirmed"}


def _began(line: dict[str, Any], _told: Any) -> None:
    assert Action.objects.get(pk=line["pk"]).title == line["word"]


def _wrote(line: dict[str, Any], told: list[dict[str, Any]]) -> None:
    """The field says it, or what someone wrote over it afterwards, answered or not."""
    value = getattr(Action.objects.get(pk=line["sheet"]), line["key"])
    place = (line["sheet"], line["key"])
    later = [one for one in told[told.index(line) + 1 :] if (one.get("sheet"), one.get("key")) == place]
    # Two who write at once may be answered in another order than they were kept in.
    among = [one["word"] for one in told if (one.get("sheet"), one.get("key")) == place and one["answer"] != "refused"]
    words = {line["word"], *(one["word"] for one in later), *among[-2 * WRITERS :]}
    assert value.split()[0] in words, (value, line)


def _submitted(line: dict[str, Any], _told: Any) -> None:
    assert Action.objects.get(title=line["word"]).state in {State.SUBMITTED, State.PUBLISHED}, line


def _remarked(line: dict[str, Any], _told: Any) -> None:
    assert Remark.objects.filter(text=line["word"]).count() == 1, line


def _published(line: dict[str, Any], _told: Any) -> None:
    sheet = Action.objects.get(title=line["word"])
    assert sheet.state == State.PUBLISHED
    assert backend().match(SPACE.number, parse(line["word"]).clauses("")) == [sheet.pk]
    assert not sheet.remarks.filter(settled_at=None).exists()


def _attached(line: dict[str, Any], _told: Any) -> None:
    Attachment.objects.get(action__title=line["word"])  # its file is looked at with all the others


def _deposited(line: dict[str, Any], told: list[dict[str, Any]]) -> None:
    batch = ImportBatch.objects.get(token=line["word"])
    given_up = [one for one in told if one["what"] == "cancel" and one["word"] == line["word"]]
    assert batch.file or given_up


def _cancelled(line: dict[str, Any], _told: Any) -> None:
    assert ImportBatch.objects.get(token=line["word"]).state == BatchState.CANCELLED


CONFIRMED: dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], None]] = {
    "begin": _began, "write": _wrote, "submit": _submitted, "remark": _remarked, "publish": _published,
    "attach": _attached, "deposit": _deposited, "cancel": _cancelled,
}  # fmt: skip


def check_database() -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for pragma, expected in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            assert cursor.execute(f"PRAGMA {pragma}").fetchall() == expected
        cursor.execute("INSERT INTO search_tokens(search_tokens) VALUES ('integrity-check')")


def check_index(sheets: QuerySet[Action]) -> None:
    """Each sheet is in the index as it is: found by its title when it is public, and only then; the sums agree."""
    docs = {doc.pk: doc for doc in SearchDoc.objects.all()}
    assert sum(doc.visible for doc in docs.values()) == Action.objects.filter(state=State.PUBLISHED).count()
    for sheet in for_index(sheets.values_list("pk", flat=True)):
        doc, said = docs.get(SPACE.doc_id(sheet.pk)), document(sheet)
        assert (doc is not None and doc.visible) == sheet.is_public, sheet
        if sheet.is_public:
            assert sorted(doc.facets.split()) == sorted(f"{key}={value}" for key, value in said.facets)
            assert sheet.pk in backend().match(SPACE.number, parse(sheet.title).clauses(""))
    assert max(doc.version for doc in docs.values()) <= SearchSpace.objects.get(number=SPACE.number).version


def check_journal(sheets: QuerySet[Action]) -> None:
    """What was done to a sheet has its line, once; what was not has none."""
    rows = {f"actions.action:{sheet.pk}": sheet for sheet in sheets}
    lines_ = JournalEntry.objects.filter(subject__in=rows).values_list("verb", "subject")
    expected = [
        (f"actions.{verb}", subject)
        for verb, field in (("begun", "created_at"), ("submitted", "submitted_at"), ("published", "published_at"))
        for subject, sheet in rows.items()
        if getattr(sheet, field)
    ]
    kinds = {verb for verb, _subject in expected}
    assert sorted(line for line in lines_ if line[0] in kinds) == sorted(expected)


def look_at_files() -> None:
    """No row without its file, the file as it was sent; and after the work of the night, no file without its row."""
    folder = settings.DATA / "files"
    held = {row.file.name: row for row in Attachment.objects.all()}
    for name, row in held.items():
        assert sha256((folder / name).read_bytes()).hexdigest() == row.digest
    for batch in ImportBatch.objects.filter(token__startswith="mot").exclude(file=""):
        assert (folder / batch.file.name).read_bytes() == batch.token.encode() * 2000
    later = timezone.now() + timedelta(days=2)
    for purge in (purge_attachments, purge_orphans):
        purge(later, False)
    named = {*held, *ImportBatch.objects.exclude(file="").values_list("file", flat=True)}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == named
