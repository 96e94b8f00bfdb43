"""The journal, whose rows are added and never changed; what is left of an erasure; who was told of one to come."""

import uuid

from django.db import models
from django.utils import timezone

from tisserand.privacy.gestures import gesture


class JournalEntry(models.Model):
    """One thing that someone did, told in identifiers rather than in names. The database refuses any change.

    There is no foreign key on purpose: erasing an account must not touch what the journal says,
    and the journal must not keep an account from being erased.
    """

    at = models.DateTimeField("date", auto_now_add=True)
    actor = models.CharField("auteur", max_length=40)  # "user:12", "system"
    verb = models.CharField("geste", max_length=60)  # "actions.import_applied"
    subject = models.CharField("objet", max_length=80)  # "actions.action:42"
    data = models.JSONField("détails", default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.subject}"

    def get_verb_display(self) -> str:
        """The gesture in words."""
        return gesture(self.verb)

    def get_subject_display(self) -> str:
        """The number alone: the gesture says of what."""
        return self.subject.rpartition(":")[2]


class PurgePermit(models.Model):
    """While a row is here, entries older than `before` may be deleted: the retention job's key.

    The job adds it and removes it in the transaction that deletes.
    """

    before = models.DateTimeField()

    def __str__(self) -> str:
        return f"avant le {self.before:%Y-%m-%d}"


class Erasure(models.Model):
    """That an account was erased: what it takes to erase it again when an older backup is put back, and no more.

    No name and no address. The number of an account may serve again in a database that was put back: the moment when it
    was opened tells which one it was. `addresses` are digests keyed with the secret of the instance.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now)
    account = models.BigIntegerField()
    opened_at = models.DateTimeField()
    addresses = models.JSONField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} user:{self.account}"


class Notice(models.Model):
    """That the owner of an account was told that it will be erased, and when."""

    account = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} user:{self.account}"
