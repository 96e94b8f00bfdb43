"""Queue, send, refuse."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.common.operations import operation
from tisserand.messages.enums import Delivery
from tisserand.messages.kinds import Kind, kind_of
from tisserand.messages.links import refusal_address
from tisserand.messages.models import Message, Refusal

logger = logging.getLogger(__name__)
# Minutes before each new try; after the last one the message is told as not sent.
WAITS = (1, 5, 30, 120)


@operation
def queue(*, key: str, kind: Kind, to: str, subject: str, text: str) -> Message | None:
    """Queue a message, inside the transaction of what it tells; None when this *key* was queued already.

    Who refused this *kind* gets none: the row says so.
    """
    to = to.strip().lower()
    refused = _refused(to, kind)
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind.key,
            "to": to,
            "subject": "" if refused else " ".join(subject.split()),  # a title may be on two lines, a header not
            "text": "" if refused else text,
            "state": Delivery.REFUSED if refused else Delivery.WAITING,
        },
    )
    if not created:
        return None
    if not refused:
        from tisserand.messages.tasks import deliver  # the task calls back what is here

        deliver.enqueue(message.pk)
    return message


def send(*, message_id: int) -> timedelta | None:
    """Send a message that waits; returns how long to wait before trying again, None when there is nothing more to do.

    Not one transaction, on purpose: the claim is written before the network is used. A process that dies in between
    leaves a message "being sent", which nobody sends again: a letter lost is told, a letter twice is not taken back.
    """
    claimed = Message.objects.filter(pk=message_id, state=Delivery.WAITING).update(
        state=Delivery.SENDING, tries=F("tries") + 1, tried_at=timezone.now()
    )
    if not claimed:
        return None
    message = Message.objects.get(pk=message_id)
    kind = kind_of(message.kind)
    if kind is None:
        # Sent all the same, it could go to someone who refused it, and without the way to refuse it.
        Message.objects.filter(pk=message.pk).update(state=Delivery.FAILED, error="unknown kind")
        return None
    if _refused(message.to, kind):
        Message.objects.filter(pk=message.pk).update(state=Delivery.REFUSED, subject="", text="")
        return None
    try:
        _email(message, kind).send()
    except OSError as error:  # what smtplib and sockets raise
        return _failed(message, kind, error)
    except Exception as error:
        # No later try would do better; without a word of it, the letter would be "being sent" for ever.
        _over(message, kind, state=Delivery.FAILED, error=type(error).__name__)
        raise
    _over(message, kind, state=Delivery.SENT, sent_at=timezone.now(), subject="", text="", error="")
    return None


@operation
def refuse(*, email: str, kind: str) -> None:
    """Note that *email* wants no more messages of this kind. Twice is once."""
    Refusal.objects.get_or_create(email=email, kind=kind)


@operation
def want_again(*, email: str, kind: str) -> None:
    """Forget a refusal."""
    Refusal.objects.filter(email=email, kind=kind).delete()


def _refused(to: str, kind: Kind) -> bool:
    return kind.optional and Refusal.objects.filter(email=to, kind=kind.key).exists()


def _email(message: Message, kind: Kind) -> EmailMessage:
    headers = {"Message-ID": f"<{message.pk}.{message.created_at:%Y%m%d%H%M%S}@{settings.MAIL_DOMAIN}>"}
    text = message.text
    if kind.optional:
        address = refusal_address(message.to, message.kind)
        headers |= {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        text += "\n\n-- \n" + _("Ne plus recevoir ces messages : %(address)s") % {"address": address}
    return EmailMessage(message.subject, text, to=[message.to], headers=headers)


def _failed(message: Message, kind: Kind, error: OSError) -> timedelta | None:
    logger.warning("message %s not sent: %s", message.pk, type(error).__name__)
    told = f"{type(error).__name__}: {error}"[:300]
    if message.tries > len(WAITS):
        _over(message, kind, state=Delivery.FAILED, error=told)
        return None
    Message.objects.filter(pk=message.pk).update(state=Delivery.WAITING, error=told)
    return timedelta(minutes=WAITS[message.tries - 1])


def _over(message: Message, kind: Kind, **values: Any) -> None:
    """Nothing more is tried: tell what came of it, or nothing at all for who is no more known."""
    rows = Message.objects.filter(pk=message.pk)
    if kind.farewell:
        rows.delete()
    else:
        rows.update(**values)
