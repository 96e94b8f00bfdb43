"""Frozen figures."""

from django.db import models
from django.urls import reverse


class Snapshot(models.Model):
    """Figures as they were on a day. What is published never changes afterwards; `digest` proves it."""

    scope = models.CharField(max_length=100)  # "network:passerelles-loude"
    scope_label = models.CharField(max_length=200)
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=40)  # "user:12": an identifier, not a link
    figures = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-taken_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.scope_label}, {self.taken_at:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        """The page of this reading."""
        return reverse("snapshot", args=[self.pk])
