"""Calls for sheets: what someone asks of their network, answered by sheets."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from tisserand.actions.models.sheets import Action
from tisserand.common.fields import LineField
from tisserand.network.models import Network, Structure


class SheetCall(models.Model):
    """A question to a network: "who does something about screens?". Only those who work in it read it.

    `structure` is who asks, nobody when it is the network's team. It is over once someone closed it, or after `until`.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="sheet_calls")
    structure = models.ForeignKey(
        Structure, null=True, blank=True, on_delete=models.PROTECT, related_name="sheet_calls"
    )
    question = LineField(max_length=200)
    text = models.TextField(blank=True)
    until = models.DateField(null=True, blank=True)
    token = models.CharField(max_length=40, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["network", "-created_at"])]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        """Its page, with its answers."""
        return reverse("call", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it still asks for an answer."""
        return self.closed_at is None and (self.until is None or self.until >= timezone.localdate())

    @property
    def asker(self) -> str:
        """Who asks: a structure, or the network."""
        return str(self.structure or self.network)


class CallAnswer(models.Model):
    """A sheet that answers a call. One that is under way is seen by those who see the sheet, and by nobody else."""

    call = models.ForeignKey(SheetCall, on_delete=models.CASCADE, related_name="answers")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="call_answers")
    text = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["call", "created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["call", "action"], name="answers_once")]

    def __str__(self) -> str:
        return str(self.action)
