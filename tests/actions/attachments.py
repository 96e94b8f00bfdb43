"""Files hung on a sheet, for the tests."""

import io

from django.core.files.storage import default_storage

from tests.deposits import picture
from tisserand.actions.models import Attachment
from tisserand.actions.operations.attachments import attach, describe, look_into, mark_of
from tisserand.privacy.journal import SYSTEM


def stored() -> set[str]:
    return set(default_storage.listdir("attachments")[1]) if default_storage.exists("attachments") else set()


def add(sheet, content=None, name="photo.jpg", actor=SYSTEM) -> Attachment:
    return attach(actor=actor, action=sheet, deposit=look_into(io.BytesIO(content or picture()), name=name))


def tell(attachment, actor=SYSTEM, **words) -> Attachment:
    words = {"title": attachment.title, "alt": "Une toile tissée", "credit": "Jeanne T.", "agreed": True} | words
    return describe(actor=actor, attachment=attachment, base=mark_of(attachment), **words)
