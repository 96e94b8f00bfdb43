"""Choices of the queue."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Delivery(TextChoices):
    """Where a message is."""

    WAITING = "waiting", _("À envoyer")
    SENDING = "sending", _("En cours d'envoi")
    SENT = "sent", _("Envoyé")
    FAILED = "failed", _("Non envoyé")
    REFUSED = "refused", _("Refusé par la personne")
