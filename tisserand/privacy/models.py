"""The journal: rows are added, never changed; the database itself refuses the rest (see migrations)."""

from django.db import models


class JournalEntry(models.Model):
    """One thing that someone did, told in identifiers rather than in names.

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


class PurgePermit(models.Model):
    """While a row is here, entries older than `before` may be deleted: the retention job's key.

    The job adds it and removes it in the transaction that deletes.
    """

    before = models.DateTimeField()

    def __str__(self) -> str:
        return f"avant le {self.before:%Y-%m-%d}"
