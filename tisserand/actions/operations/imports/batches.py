"""The life of a batch: each step is taken once, whoever asks and however often."""

import secrets
from pathlib import Path

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import BatchState
from tisserand.actions.imports.progress import ask_to_stop, is_stalled, start_anew
from tisserand.actions.models import ImportBatch
from tisserand.common.operations import operation, require
from tisserand.network.models import Network
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record

UNDER_WAY = (BatchState.READING, BatchState.APPLYING)


@operation
def deposit_import(
    *,
    actor: Actor,
    network: Network,
    filename: str,
    token: str,
    file: File[bytes] | None = None,
    as_draft: bool = False,
) -> ImportBatch:
    """Keep a file, to be read; the same *token* (of the form) gives the same batch.

    Args:
        file: its content; None when it will be read where it is.

    Raises:
        OSError: the file could not be kept (no room left); nothing of it stays.
    """
    require_staff(actor, network)
    batch, created = ImportBatch.objects.get_or_create(
        token=token,
        defaults={"network": network, "filename": filename[:200], "as_draft": as_draft, "created_by_id": actor.pk},
    )
    if created:
        start_anew(batch.pk)
        if file is not None:
            _keep_file(batch, filename, file)
        record(actor=actor, verb="actions.import_deposited", subject=batch, network=network.pk)
    require(batch.network_id == network.pk, _("Ce dépôt appartient à un autre réseau."))
    return batch


def _keep_file(batch: ImportBatch, filename: str, file: File[bytes]) -> None:
    """Store the file. When the disk is full, the storage leaves what it could write: it goes."""
    # A name that no other file has: what is removed is then what was being written, and nothing else.
    name = f"{secrets.token_hex(6)}-{Path(filename).name[-80:]}"
    try:
        batch.file.save(name, file)
    except BaseException:
        batch.file.storage.delete(batch.file.field.generate_filename(batch, name))
        raise


@operation
def mark_applying(*, actor: Actor, batch: ImportBatch) -> bool:
    """Take a waiting import for writing, once; False when someone else already has."""
    require_staff(actor, batch.network)
    start_anew(batch.pk)
    waiting = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.WAITING)
    return bool(waiting.update(state=BatchState.APPLYING, updated_at=timezone.now()))


@operation
def resume_import(*, actor: Actor, batch: ImportBatch) -> BatchState | None:
    """Let an interrupted batch be taken again.

    Returns:
        The state to work from (READING or APPLYING), or None when nothing is interrupted.
    """
    require_staff(actor, batch.network)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in UNDER_WAY or not is_stalled(batch):
        return None
    start_anew(batch.pk)
    batch.claim = ""
    batch.save(update_fields=["claim", "updated_at"])
    record(actor=actor, verb="actions.import_resumed", subject=batch)
    return BatchState(batch.state)


@operation
def cancel_import(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Give up an import that was not applied; its rows and its file go."""
    require_staff(actor, batch.network)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state in {BatchState.WAITING, BatchState.REFUSED, *UNDER_WAY}:
        batch.state = BatchState.CANCELLED
        batch.rows.all().delete()
        storage, name = batch.file.storage, batch.file.name
        batch.file = ""
        batch.save()
        if name:
            # Once the transaction holds: a row never names a file that is no more. Killed before, the night does it.
            transaction.on_commit(lambda: storage.delete(name))
        record(actor=actor, verb="actions.import_cancelled", subject=batch)
    return batch


def give_up(*, actor: Actor, batch: ImportBatch) -> bool:
    """Cancel an import at any step; False when it is being written: who writes it is asked to stop.

    A write without the frame of the others: a transaction would wait for the very work that it wants to stop.
    """
    require_staff(actor, batch.network)
    if batch.state == BatchState.APPLYING and not is_stalled(batch):
        ask_to_stop(batch.pk, actor.pk)
        return False
    return cancel_import(actor=actor, batch=batch).state == BatchState.CANCELLED


@operation
def give_back(*, batch: ImportBatch) -> None:
    """After work that failed: what was read waits again, what was not is refused; either way it is told."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in UNDER_WAY:
        return
    text = _("Le travail s'est arrêté sur une erreur de notre côté. Rien n'a été écrit.")
    message = {"line": None, "record": None, "field": None, "level": "error", "text": text}
    batch.messages = [message, *batch.messages]
    batch.state = BatchState.WAITING if batch.state == BatchState.APPLYING else BatchState.REFUSED
    batch.save()
