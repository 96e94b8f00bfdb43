"""Pictures and documents of a sheet: added, described, put in order, removed; carried by its rewriting."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import F, Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.fields import mark
from tisserand.actions.imports.records import is_storable
from tisserand.actions.models import Action, Attachment
from tisserand.actions.operations.sheets import EditedMeanwhile, locked
from tisserand.actions.operations.writing import may_write
from tisserand.common.files.kinds import Kind, recognise
from tisserand.common.files.pictures import Picture, made_safe
from tisserand.common.files.refusal import Unwelcome
from tisserand.common.operations import operation, require
from tisserand.common.text import one_line
from tisserand.network.rules import Actor, writes_for
from tisserand.privacy.journal import record

MOST_BYTES = 20 * 1024 * 1024
MOST = 20  # attachments of a sheet


@dataclass(frozen=True, slots=True)
class Deposit:
    """A file that was looked into, ready to be kept: the picture made of it, or the file itself."""

    kind: Kind
    digest: str
    file: IO[bytes]
    picture: Picture | None
    title: str


def look_into(file: IO[bytes], *, name: str) -> Deposit:
    """Recognise a file by its content; a picture is decoded and written anew. It takes a while: before a transaction.

    Args:
        name: as its owner calls it, the title of a document; it decides nothing.

    Raises:
        Unwelcome: it is not kept.
    """
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise Unwelcome(_("Ce fichier dépasse 20 Mo."))
    kind = recognise(file)
    picture = made_safe(file) if kind.is_picture else None
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return Deposit(kind, digest, file, picture, "" if picture else _title(name))


def _title(name: str) -> str:
    """The last part of a name, without its ending nor what a line cannot hold."""
    stem, point, rest = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    words = " ".join("".join(char if char.isprintable() else " " for char in (stem if point else rest)).split())
    return words[:120] or _("Document")


@operation
def attach(*, actor: Actor, action: Action, deposit: Deposit) -> Attachment:
    """Add a file to a sheet under way. The same file sent twice is kept once.

    Raises:
        ValidationError: the sheet is full.
    """
    sheet = _open(actor, action)
    known = sheet.attachments.filter(digest=deposit.digest).first()
    if known:
        return known
    count = sheet.attachments.count()
    if count >= MOST:
        raise ValidationError(_("Cette fiche a déjà 20 fichiers : retirez-en un d'abord."))
    key, picture = secrets.token_hex(16), deposit.picture
    made = Attachment(action=sheet, key=key, extension=deposit.kind.extension, digest=deposit.digest)
    made.title, made.position, made.created_by_id = deposit.title, count, actor.pk
    if picture:
        made.width, made.height, made.size = picture.width, picture.height, len(picture.content)
        made.thumbnail.save(f"{key}.webp", ContentFile(picture.thumbnail), save=False)
        made.file.save(f"{key}.jpg", ContentFile(picture.content), save=False)
    else:
        made.size = deposit.file.seek(0, 2)
        deposit.file.seek(0)
        made.file.save(f"{key}.{deposit.kind.extension}", File(deposit.file), save=False)
    # Killed here, the files have no row: the work of the night finds them.
    made.save()
    _changed(sheet.pk)
    record(actor=actor, verb="actions.attached", subject=sheet, attachment=made.pk, kind=made.extension)
    return made


def mark_of(attachment: Attachment) -> str:
    """A digest of what is said about a file, to know later whether someone else changed it: the agreement too."""
    agreed = f"{attachment.consent_at} {attachment.consent_by_id}"
    return mark("\n".join((attachment.title, attachment.alt, attachment.credit, agreed)))


@operation
def describe(
    *, actor: Actor, attachment: Attachment, title: str, alt: str, credit: str, agreed: bool, base: str
) -> Attachment:
    """Write what a file is, who made it, and that those who can be recognised agree. Twice is once.

    Args:
        agreed: whether someone says so; who and when are kept. Taken back, the picture does not show any more.
        base: the mark of what the person was reading.

    Raises:
        EditedMeanwhile: someone else wrote there; nothing is written.
        ValidationError: by field.
    """
    sheet = _open(actor, attachment.action)
    held = get_object_or_404(sheet.attachments, pk=attachment.pk)
    words = {"title": one_line(title).strip(), "alt": " ".join(alt.split()), "credit": one_line(credit).strip()}
    _check(held, words, agreed)
    before = {key: getattr(held, key) for key in words}
    if words == before and agreed == (held.consent_at is not None):
        return held
    if mark_of(held) != base:
        raise EditedMeanwhile(theirs=held)
    changed: dict[str, Any] = {**words}
    if held.kind.is_picture and agreed != (held.consent_at is not None):
        changed |= {"consent_at": timezone.now() if agreed else None, "consent_by": actor.pk if agreed else None}
    # Not `save`, which would write again a row that someone has just removed.
    sheet.attachments.filter(pk=held.pk).update(**changed)
    _changed(sheet.pk)
    record(actor=actor, verb="actions.attachment_described", subject=sheet, attachment=held.pk, agreed=agreed)
    return sheet.attachments.get(pk=held.pk)


def _check(held: Attachment, words: dict[str, str], agreed: bool) -> None:
    errors = {}
    for key, text in words.items():
        longest = Attachment._meta.get_field(key).max_length  # type: ignore[union-attr]
        if not is_storable(text):
            errors[key] = _("Ce texte contient un caractère que l'on ne peut pas garder.")
        elif longest is not None and len(text) > longest:
            errors[key] = _("Ce texte est trop long.")
    if held.kind.is_picture and agreed and not words["alt"]:
        errors["alt"] = _("Dites en quelques mots ce que l'on voit : des personnes l'écoutent au lieu de la regarder.")
    if not held.kind.is_picture and not words["title"]:
        errors["title"] = _("Donnez un titre à ce document.")
    if errors:
        raise ValidationError(errors)


@operation
def put_at(*, actor: Actor, attachment: Attachment, position: int) -> None:
    """Put a file at a rank, 0 being the first. Twice is once."""
    sheet = _open(actor, attachment.action)
    rows = list(sheet.attachments.order_by("position", "pk"))
    moved = next((row for row in rows if row.pk == attachment.pk), None)
    if moved is None:
        return
    rows.remove(moved)
    rows.insert(max(0, position), moved)
    places = {row.pk: rank for rank, row in enumerate(rows)}
    changed = [row for row in rows if row.position != places[row.pk]]
    for row in changed:
        row.position = places[row.pk]
    Attachment.objects.bulk_update(changed, ["position"])
    if changed:
        _changed(sheet.pk)
        record(actor=actor, verb="actions.attachment_moved", subject=sheet, attachment=attachment.pk)


@operation
def detach(*, actor: Actor, attachment: Attachment) -> None:
    """Remove a file from a sheet. Twice is once.

    From a public sheet it goes at once, from its rewriting too: who does not agree any more waits for no reading.
    """
    sheet = locked(attachment.action)
    if sheet.is_under_way:
        require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    else:
        require(
            writes_for(actor, sheet.network, sheet.structure), _("Vous n'écrivez pas les fiches de cette structure.")
        )
    # By what the file holds: its row may have gone meanwhile, and another have come with the rewriting.
    rows = list(Attachment.objects.filter(Q(action=sheet) | Q(action__revises=sheet), digest=attachment.digest))
    if not rows:
        return
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    # Readers of a public sheet miss only what they saw; its rewriting is not what was read any more either.
    touched = {row.action_id for row in rows if row.action_id != sheet.pk or sheet.is_under_way or row.is_shown}
    if sheet.pk in touched:  # its words are the same: a rewriting stays based on those that it was copied from
        Action.objects.filter(revises=sheet, based_on=sheet.revision).update(based_on=F("based_on") + 1)
    _changed(*touched)
    _delete_unused(rows)
    record(actor=actor, verb="actions.detached", subject=sheet, attachment=attachment.pk)


def _delete_unused(rows: list[Attachment]) -> None:
    """Once the transaction holds, delete the files that no row names any more.

    Killed before, the work of the night does it.
    """

    def delete() -> None:
        for row in rows:
            if not Attachment.objects.filter(key=row.key).exists():
                for file in (row.file, row.thumbnail):
                    if file.name:
                        file.storage.delete(file.name)

    transaction.on_commit(delete)


def copy_attachments(sheet: Action, copy: Action) -> None:
    """Give the rewriting of a sheet rows of its own for the same files. Part of the operation that begins it."""
    rows = list(sheet.attachments.all())
    for row in rows:
        row.pk, row.action = None, copy
    Attachment.objects.bulk_create(rows)


def carry_attachments(rewriting: Action, public: Action) -> bool:
    """Give a public sheet the files of its rewriting; whether its readers see a change.

    Part of the operation that publishes it.
    """
    before, after = list(public.attachments.all()), list(rewriting.attachments.all())
    public.attachments.all().delete()
    rewriting.attachments.update(action=public)
    _delete_unused(before)
    return _seen(before) != _seen(after)


def _seen(rows: list[Attachment]) -> list[tuple[str, ...]]:
    return [(row.digest, row.title, row.alt, row.credit) for row in rows if row.is_shown]


def _open(actor: Actor, action: Action) -> Action:
    """The sheet, held, if *actor* may write there now."""
    sheet = locked(action)
    require(may_write(actor, sheet), _("Cette fiche ne s'écrit pas maintenant."))
    return sheet


def _changed(*sheets: int) -> None:
    """These are not what someone was reading any more: none will be published unseen."""
    Action.objects.filter(pk__in=sheets).update(revision=F("revision") + 1, updated_at=timezone.now())
