"""Run by a test in an instance: long writes are killed on their way, at any moment; each is there whole, or not at all.

An import of many sheets, and the publication of a rewriting that brings its words, its photo and its answered remarks.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.db import connections

from tests.config.crashing import apart, check_database, check_index, fork, furnish
from tests.deposits import pdf
from tests.sheets import WHOLE, write
from tests.texts import GARDEN, published
from tisserand.actions.enums import BatchState, State
from tisserand.actions.models import Action, ImportBatch, Remark, Version
from tisserand.actions.operations.attachments import attach, look_into
from tisserand.actions.operations.imports import apply_import, deposit_import, read_import
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, submit
from tisserand.actions.operations.remarks import add_remark
from tisserand.network.models import Network, Structure, User
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

SHEETS = 20  # of an import
ENDS = 5  # the longest wait before a kill is so many fifths of what the write takes alone


@dataclass
class Long:
    """A write that takes a while.

    Attributes:
        prepare: what it needs, by the number of the round.
        act: the write itself.
        seen: what tells whether it took place; one value before, another one after, and no third.
    """

    prepare: Callable[[int], None]
    act: Callable[[int], Any]
    seen: Callable[[int], Any]


def _stage(number: int) -> None:
    sheets = [
        GARDEN | {"title": f"Jardin {number} {rank}", "structure": f"Centre {number} {rank % 3}"}
        for rank in range(SHEETS)
    ]
    batch = deposit_import(
        actor=SYSTEM, network=Network.objects.get(slug="essai"), filename="f.txt", token=f"i{number}",
        file=ContentFile(published(*sheets).encode()),
    )  # fmt: skip
    read_import(actor=SYSTEM, batch=batch)


def _import(number: int) -> None:
    apply_import(actor=SYSTEM, batch=ImportBatch.objects.get(token=f"i{number}"))


def _imported(number: int) -> tuple[Any, ...]:
    batch = ImportBatch.objects.get(token=f"i{number}")
    sheets = Action.objects.filter(title__startswith=f"Jardin {number} ")
    lines = JournalEntry.objects.filter(verb="actions.import_applied", subject=f"actions.importbatch:{batch.pk}")
    places = Structure.objects.filter(name__startswith=f"Centre {number} ").count()
    return batch.state == BatchState.APPLIED, sheets.count(), places, lines.count()


def _rewrite(number: int) -> None:
    network, structure = Network.objects.get(slug="essai"), Structure.objects.get(name="Essai")
    writer, reader = User.objects.get(last_name="Plume"), User.objects.get(last_name="Relecture")
    first = begin_sheet(actor=writer, network=network, structure=structure, title=f"Fil {number}", token=f"f{number}")
    write(writer, first, **WHOLE)
    copy = rewrite(actor=writer, action=publish(actor=reader, action=submit(actor=writer, action=first)))
    write(writer, copy, summary="Vingt parcelles.", people="12 habitants", title=f"Trame {number}")
    attach(actor=writer, action=copy, deposit=look_into(BytesIO(pdf(body=str(number).encode() * 99)), name="a.pdf"))
    submit(actor=writer, action=copy)
    add_remark(actor=reader, action=copy, field="summary", text=f"r{number}", token=f"r{number}")


def _publish(number: int) -> None:
    reader, copy = User.objects.get(last_name="Relecture"), Action.objects.filter(title=f"Trame {number}").last()
    publish(actor=reader, action=copy)


def _republished(number: int) -> tuple[Any, ...]:
    sheets = list(Action.objects.filter(title__in=(f"Fil {number}", f"Trame {number}")).order_by("pk"))
    public = sheets[0]
    remark = Remark.objects.get(text=f"r{number}")
    lines = JournalEntry.objects.filter(verb="actions.rewritten", subject=f"actions.action:{public.pk}").count()
    assert public.state == State.PUBLISHED
    return (
        public.title, public.summary, public.facts.count(), public.attachments.count(), len(sheets), lines,
        Version.objects.filter(action=public).count(), remark.action_id == public.pk, remark.settled_at is not None,
    )  # fmt: skip


WRITES = {"import": Long(_stage, _import, _imported), "publication": Long(_rewrite, _publish, _republished)}


def rounds(kind: str, times: int) -> None:
    """Kill the write *times* times, look, then let it end; prints how often it was killed before and after its end."""
    write_, chance = WRITES[kind], random.Random(times)
    furnish()
    # Alone first: how long it takes, and what it leaves; what Django loads when it is asked is then loaded for all.
    write_.prepare(0)
    before, begun = write_.seen(0), time.monotonic()
    write_.act(0)
    took, after = time.monotonic() - begun, write_.seen(0)
    assert before != after
    connections.close_all()
    found = []
    for number in range(1, times + 1):
        apart(lambda number=number: write_.prepare(number))
        pid = fork(lambda number=number: write_.act(number))
        time.sleep(chance.uniform(0, took * ENDS / (ENDS - 1)))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        out, into = os.pipe()
        apart(lambda number=number, into=into: os.write(into, b"%d" % _looked(write_, number, before, after)))
        found.append(int(os.read(out, 9)))
        os.close(out)
        os.close(into)
    print(found.count(0), found.count(1))


def _looked(write_: Long, number: int, before: Any, after: Any) -> bool:
    """Whether the killed write took place: whole, or not at all; then it is asked again, and is there."""
    there, bare = _named(write_.seen(number), number), _named(before, 0)
    assert there in (bare, _named(after, 0)), there
    check_database()
    check_index(Action.objects.all())
    if there == bare:
        write_.act(number)
    assert _named(write_.seen(number), number) == _named(after, 0)
    return there != bare


def _named(seen: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    """The same whatever the round."""
    return tuple(value.removesuffix(f" {number}") if isinstance(value, str) else value for value in seen)
