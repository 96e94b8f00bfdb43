"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.messages import outbox
from tisserand.messages.kinds import farewells
from tisserand.messages.models import Message, Refusal
from tisserand.privacy.erasure import on_erasure
from tisserand.privacy.privacy import nameless, quotes
from tisserand.privacy.registry import Activity, Personal, Subject, by_email, declare, retain

MESSAGE_DAYS = 60
REFUSAL_DAYS = 3 * 365
LETTERS = Activity(
    name=_("Messages"),
    purpose=_("Inviter, prévenir, rappeler une échéance."),
    basis=_("Intérêt légitime : l'information de qui travaille ici ; les rappels se refusent d'un clic."),
    people=_("Personnes à qui un message est envoyé."),
)
_LETTERS = _("les messages envoyés à l'adresse, et ceux qu'elle refuse")
_SENT = _("Envoyer un message une seule fois, et dire s'il est parti")
_SERVER = _("qui administre le serveur")

declare(
    Message,
    label=_("Messages envoyés"),
    activity=LETTERS,
    seen_by=_SERVER,
    theirs=_LETTERS,
    personal={
        "to": Personal(_("Adresse e-mail"), _SENT, "delete", _("60 jours"), by_email),
        "key": Personal(_("Repère du message"), _SENT, "delete", _("60 jours"), secret=True),
        "subject": Personal(_("Titre du message"), _SENT, "delete", _("jusqu'à l'envoi")),
        "text": Personal(_("Texte du message"), _SENT, "delete", _("jusqu'à l'envoi"), secret=True),
        "error": Personal(_("Erreur d'envoi"), _SENT, "delete", _("60 jours")),
        "sent_at": Personal(_("Envoyé le"), _SENT, "delete", _("60 jours")),
    },
    impersonal=["kind", "state", "tries", "created_at", "tried_at"],
    shown={"state": _("Où il en est"), "created_at": _("Écrit le")},
    others="Dates et état d'un envoi.",
)
declare(
    Refusal,
    label=_("Messages refusés"),
    activity=LETTERS,
    seen_by=_SERVER,
    theirs=_LETTERS,
    personal={
        "email": Personal(
            _("Adresse e-mail"),
            _("Ne plus envoyer ce qui a été refusé"),
            "delete",
            _("la durée du compte, ou 3 ans"),
            by_email,
        )
    },
    impersonal=["kind", "created_at"],
    shown={"created_at": _("Refusé le")},
    others="Une sorte de message et une date.",
)


@on_erasure
def forget_names(subject: Subject) -> None:
    """A letter that waits does not name someone who was erased meanwhile."""
    for message in Message.objects.filter(quotes("subject", subject) | quotes("text", subject)):
        message.subject, message.text = nameless(message.subject, subject), nameless(message.text, subject)
        message.save(update_fields=["subject", "text"])


@on_erasure
def forget_letters(subject: Subject) -> None:
    """Without a mail server letters are files: those that speak of the person go, once the erasure holds."""
    paths = outbox.naming(subject)  # now: the farewell is not one of them
    transaction.on_commit(lambda: outbox.delete(paths), robust=True)


@retain(key="messages", label=_("Messages envoyés, 60 jours"))
def purge_messages(now: datetime, dry_run: bool) -> int:
    """Delete the messages queued long ago, sent or not, and the farewells that nobody sends any more."""
    old = Message.objects.filter(
        Q(created_at__lt=now - timedelta(days=MESSAGE_DAYS))
        | Q(kind__in=farewells(), created_at__lt=now - timedelta(days=1))
    )
    return old.count() if dry_run else old.delete()[0]


@retain(key="refusals", label=_("Refus de messages d'une adresse sans compte, 3 ans"))
def purge_refusals(now: datetime, dry_run: bool) -> int:
    """Forget the refusals of addresses that have no account: nothing is sent there any more."""
    known = get_user_model().objects.values("email")
    old = Refusal.objects.filter(created_at__lt=now - timedelta(days=REFUSAL_DAYS)).exclude(email__in=known)
    return old.count() if dry_run else old.delete()[0]


@retain(key="messages-files", label=_("Messages gardés en fichiers faute de serveur de courrier, 60 jours"))
def purge_letters(now: datetime, dry_run: bool) -> int:
    """Delete the letters that were written as files long ago."""
    old = outbox.older_than(now - timedelta(days=MESSAGE_DAYS))
    if not dry_run:
        outbox.delete(old)
    return len(old)
