"""Sheets of actions, their closed values, the numbers found in their texts."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import UNDER_WAY, FactKind, FactState, Period, State
from tisserand.actions.fields import CLOSED, TEXT_KEYS
from tisserand.actions.models.vocabulary import Term
from tisserand.common.fields import LineField
from tisserand.common.text import slug
from tisserand.network.models import Network, Structure

# The pages of a sheet: a title that reads like one of them gets a longer address.
OWN_PAGES = frozenset(
    {"continue", "historique", "modifier", "nombres", "pieces", "publication", "reprises", "s-en-inspirer"}
)


class Action(models.Model):
    """An action sheet: what is led, by whom, with whom, for whom, with what result.

    `source` keeps the values as the last import gave them: it tells what was edited here since.
    `settled` keeps, by field, the file's value that someone chose not to take.
    `extras` keeps what a file held and no field takes: `[{"label", "after", "text"}]`.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="actions")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="actions")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.TextField(_("titre"))
    title_key = models.CharField(max_length=300, editable=False)
    ended_reason = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    initiator_detail = models.TextField(blank=True)
    objectives = models.TextField(blank=True)
    description = models.TextField(blank=True)
    funding = models.TextField(blank=True)
    people = models.TextField(blank=True)
    result_territory = models.TextField(blank=True)
    result_structure = models.TextField(blank=True)
    result_residents = models.TextField(blank=True)
    limits = models.TextField(blank=True)
    perspectives = models.TextField(blank=True)
    terms: models.ManyToManyField[Term, "ActionTerm"] = models.ManyToManyField(Term, through="ActionTerm")
    extras = models.JSONField(default=list, blank=True)
    source = models.JSONField(default=dict, blank=True)
    # The structure and title under which it came, shared with its homonyms; empty for a sheet born here.
    source_identity = models.CharField(max_length=40, blank=True, editable=False, default="")
    # Null, and not empty, for sheets born here: the constraint lets any number of them be.
    source_key = models.CharField(max_length=40, null=True, blank=True, editable=False)  # noqa: DJ001
    settled = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)
    # The public sheet that this one, under way, will replace when it is published.
    revises = models.OneToOneField("self", null=True, blank=True, on_delete=models.CASCADE, related_name="rewriting")
    based_on = models.PositiveIntegerField(null=True, blank=True)  # the revision of it that was copied
    # The sheet of another structure that this one took up.
    inspired_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="inspired")
    # Of the form that began it: a double click is one click. Null, and not empty: any number of others are.
    token = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    # The last time that its structure said that the action still runs.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["network", "state", "-published_at", "-id"]),
            models.Index(fields=["network", "structure", "title_key"]),
            models.Index(fields=["network", "source_identity"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["network", "source_key"], name="source_sheet_once"),
            models.CheckConstraint(
                condition=Q(state__in=UNDER_WAY) | Q(published_at__isnull=False), name="public_has_a_date"
            ),
            models.CheckConstraint(
                condition=Q(revises=None, based_on=None) | Q(based_on__isnull=False, state__in=UNDER_WAY),
                name="rewriting_is_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SUBMITTED) | Q(submitted_at__isnull=False), name="submitted_has_a_date"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The stable address; the number alone leads to it."""
        named = slug(self.title)
        return reverse("action", args=[self.pk, f"fiche-{named}" if named in OWN_PAGES else named])

    @property
    def has_budget(self) -> bool:
        """Whether an amount was found in its texts and accepted (reads `facts`: prefetch it)."""
        return any(fact.kind == FactKind.MONEY and fact.state == FactState.ACCEPTED for fact in self.facts.all())

    @property
    def is_public(self) -> bool:
        """Whether anyone may read it."""
        return self.state == State.PUBLISHED

    @property
    def is_under_way(self) -> bool:
        """Whether someone is still writing or reading it before it is public."""
        return self.state in UNDER_WAY

    @property
    def fresh_at(self) -> datetime:
        """When someone last wrote in it, or said that the action goes on."""
        return max(self.updated_at, self.confirmed_at or self.updated_at)

    @property
    def its_rewriting(self) -> "Action | None":
        """The sheet under way that will replace it, if one is begun (reads `rewriting`: select it)."""
        return getattr(self, "rewriting", None)

    def labels(self, facet: str) -> list[str]:
        """The labels of a closed list, in the order of the sheet (reads `term_links`: prefetch it)."""
        return [link.term.label for link in self.term_links.all() if link.term.facet == facet]

    def values(self) -> dict[str, Any]:
        """Every field by key: text as `str`, closed values as a list of labels."""
        structure = {"structure": self.structure.name, "department": self.structure.department}
        return {"title": self.title, **structure, **self.content()}

    def content(self) -> dict[str, Any]:
        """What its writers write, by key, in the same form: all but whose sheet it is."""
        content: dict[str, Any] = {"title": self.title}
        content |= {key: getattr(self, key) for key in TEXT_KEYS}
        content |= {field.key: self.labels(str(field.facet)) for field in CLOSED}
        return content


class ActionTerm(models.Model):
    """One closed value of a sheet; `original` is what the file said, when that is not the label."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="term_links")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="action_links")
    position = models.PositiveSmallIntegerField(default=0)
    original = LineField(max_length=500, blank=True)

    class Meta:
        ordering = ["action", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["action", "term"], name="term_once_in_action")]

    def __str__(self) -> str:
        return str(self.term)


class Fact(models.Model):
    """A number found in a text, as a suggestion; counted only once someone accepted it.

    `start` and `end` are offsets in the field; `low` and `high` are what the editor kept, `text` what was read.
    """

    DECIDED = ("low", "high", "label", "period", "corrected", "state", "decided_by", "decided_at")  # by a person

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=20)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=FactKind)
    low = models.DecimalField(max_digits=14, decimal_places=2)
    high = models.DecimalField(max_digits=14, decimal_places=2)
    approximate = models.BooleanField(default=False)
    label = models.CharField(max_length=100, blank=True)
    period = models.CharField(max_length=10, choices=Period, blank=True, default="")
    state = models.CharField(max_length=10, choices=FactState, default=FactState.PENDING)
    corrected = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["action", "field", "start"]
        indexes = [models.Index(fields=["state", "kind"])]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="fact_has_a_span"),
            models.CheckConstraint(condition=Q(high__gte=F("low")), name="fact_range_in_order"),
        ]

    def __str__(self) -> str:
        return self.text
