"""What this app keeps about people."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from tisserand.messages.models import Message, Refusal
from tisserand.privacy.registry import Personal, declare, retain

MESSAGE_DAYS = 60
_SENT = _("Envoyer un message une seule fois, et dire s'il est parti")

declare(
    Message,
    personal={
        "key": Personal(_("Objet du message"), _SENT, "delete", _("60 jours")),
        "to": Personal(_("E-mail"), _SENT, "delete", _("60 jours")),
        "subject": Personal(_("Titre du message"), _SENT, "delete", _("jusqu'à l'envoi")),
        "text": Personal(_("Texte du message"), _SENT, "delete", _("jusqu'à l'envoi")),
        "error": Personal(_("Erreur d'envoi"), _SENT, "delete", _("60 jours")),
    },
    impersonal=["kind"],
    others="Dates et état d'un envoi.",
)
declare(
    Refusal,
    personal={
        "email": Personal(_("E-mail"), _("Ne plus envoyer ce qui a été refusé"), "delete", _("tant que le refus tient"))
    },
    impersonal=["kind"],
    others="Une date.",
)


@retain(key="messages", label=_("Messages envoyés, 60 jours"))
def purge_messages(now: datetime, dry_run: bool) -> int:
    """Delete the messages queued long ago, sent or not."""
    old = Message.objects.filter(created_at__lt=now - timedelta(days=MESSAGE_DAYS))
    return old.count() if dry_run else old.delete()[0]
