"""The closed lists of a network, and the misspellings that it knows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import Facet
from tisserand.common.fields import LineField
from tisserand.network.models import Network


class Term(models.Model):
    """One value of a closed list. An unverified one came with a file and waits for a decision."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="terms")
    facet = models.CharField(max_length=12, choices=Facet)
    label = LineField(_("libellé"), max_length=500)
    key = models.CharField(max_length=500, editable=False)
    slug = models.CharField(max_length=90, editable=False)
    position = models.PositiveSmallIntegerField(default=1000)
    verified = models.BooleanField(_("vérifiée"), default=True)

    class Meta:
        ordering = ["facet", "position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["network", "facet", "key"], name="term_once"),
            models.UniqueConstraint(fields=["network", "facet", "slug"], name="term_slug_once"),
        ]

    def __str__(self) -> str:
        return self.label


class TermAlias(models.Model):
    """A known misspelling and the value it stands for.

    `merged` is what it takes to make it a value again, for one that was: whether it was verified, the sheets that it
    left (`moved`), those that held both values (`both`), the misspellings that it had (`aliases`).
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="term_aliases")
    facet = models.CharField(max_length=12, choices=Facet)
    text = LineField(_("graphie"), max_length=500)
    key = models.CharField(max_length=500, editable=False)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="aliases")
    merged = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["facet", "key"]
        constraints = [models.UniqueConstraint(fields=["network", "facet", "key"], name="alias_once")]

    def __str__(self) -> str:
        return f"{self.text} → {self.term}"

    @property
    def changed(self) -> int:
        """How many sheets changed when it stopped being a value."""
        return len(self.merged.get("moved", ())) + len(self.merged.get("both", ()))
