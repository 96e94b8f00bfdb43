"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from tisserand.messages.models import Message, Refusal
from tisserand.privacy.registry import Activity, Personal, by_email, declare, retain

MESSAGE_DAYS = 60
LETTERS = Activity(
    name=_("Messages"),
    purpose=_("Inviter, prévenir, rappeler une échéance."),
    basis=_("Intérêt légitime : l'information de qui travaille ici ; les rappels se refusent d'un clic."),
    people=_("Personnes à qui un message est envoyé."),
)
_SENT = _("Envoyer un message une seule fois, et dire s'il est parti")
_SERVER = _("qui administre le serveur")

declare(
    Message,
    label=_("Messages envoyés"),
    activity=LETTERS,
    seen_by=_SERVER,
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
    personal={
        "email": Personal(
            _("Adresse e-mail"),
            _("Ne plus envoyer ce qui a été refusé"),
            "delete",
            _("tant que le refus tient"),
            by_email,
        )
    },
    impersonal=["kind", "created_at"],
    shown={"created_at": _("Refusé le")},
    others="Une sorte de message et une date.",
)


@retain(key="messages", label=_("Messages envoyés, 60 jours"))
def purge_messages(now: datetime, dry_run: bool) -> int:
    """Delete the messages queued long ago, sent or not."""
    old = Message.objects.filter(created_at__lt=now - timedelta(days=MESSAGE_DAYS))
    return old.count() if dry_run else old.delete()[0]
