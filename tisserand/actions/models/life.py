"""The life of a sheet: its versions, what is asked about it, who is at work on it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tisserand.actions.models.sheets import Action


class Version(models.Model):
    """A public sheet as it was before a change: every value by key, to tell the difference and to come back.

    Kept when what replaces it is written: the sheet itself is the last version, an untouched one has no other.
    """

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # the revision that it was
    values = models.JSONField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["action", "-number"]
        constraints = [models.UniqueConstraint(fields=["action", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.action} · {self.number}"


class Remark(models.Model):
    """What the network asks about a field of a sheet under way, or about all of it (`field` empty)."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="remarks")
    field = models.CharField(max_length=20, blank=True)
    text = models.TextField(_("remarque"))
    token = models.CharField(max_length=40, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["action", "created_at", "pk"]

    def __str__(self) -> str:
        return self.text


class Presence(models.Model):
    """Who has the form of a sheet open, and the field where they were last; worth a few minutes."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=20, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "user"], name="present_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.action}"
