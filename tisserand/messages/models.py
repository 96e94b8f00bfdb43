"""Messages to send, and who does not want which."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tisserand.messages.enums import Delivery


class Message(models.Model):
    """An e-mail, queued in the transaction that decides to send it, sent at most once.

    `key` says what it is about ("invitation:12:1"): asking again for the same key queues nothing. The words leave
    once the message is sent: what stays says that it was, and when.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    to = models.EmailField()
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=Delivery, default=Delivery.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "tried_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=Delivery.SENT, sent_at__isnull=False) | (~Q(state=Delivery.SENT) & Q(sent_at=None)),
                name="sent_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.get_state_display()}"


class Refusal(models.Model):
    """Someone does not want the messages of this kind any more."""

    email = models.EmailField()
    kind = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email", "kind"], name="refused_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="refusing_email_lower_case"),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.kind}"
