"""Sheets of actions, the vocabulary of a network, facts found in texts, and imports."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tisserand.actions.enums import BatchState, Facet, FactKind, FactState, Outcome, Period, State, Undone
from tisserand.actions.fields import CLOSED, TEXT_KEYS
from tisserand.common.text import slug
from tisserand.network.models import Network, Structure


class Term(models.Model):
    """One value of a closed list. An unverified one came with a file and waits for a decision."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="terms")
    facet = models.CharField(max_length=12, choices=Facet)
    label = models.CharField(_("libellé"), max_length=500)
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
    text = models.CharField(_("graphie"), max_length=500)
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
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["network", "state", "-published_at", "-id"]),
            models.Index(fields=["network", "structure", "title_key"]),
            models.Index(fields=["network", "source_identity"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["network", "source_key"], name="source_sheet_once"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(published_at__isnull=False), name="published_has_a_date"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The stable address; the number alone leads to it."""
        return reverse("action", args=[self.pk, slug(self.title)])

    @property
    def has_budget(self) -> bool:
        """Whether an amount was found in its texts and accepted (reads `facts`: prefetch it)."""
        return any(fact.kind == FactKind.MONEY and fact.state == FactState.ACCEPTED for fact in self.facts.all())

    @property
    def is_public(self) -> bool:
        """Whether anyone may read it."""
        return self.state == State.PUBLISHED

    def labels(self, facet: str) -> list[str]:
        """The labels of a closed list, in the order of the sheet (reads `term_links`: prefetch it)."""
        return [link.term.label for link in self.term_links.all() if link.term.facet == facet]

    def values(self) -> dict[str, Any]:
        """Every field by key: text as `str`, closed values as a list of labels."""
        values: dict[str, Any] = {"title": self.title, "structure": self.structure.name}
        values["department"] = self.structure.department
        values |= {key: getattr(self, key) for key in TEXT_KEYS}
        values |= {field.key: self.labels(str(field.facet)) for field in CLOSED}
        return values


class ActionTerm(models.Model):
    """One closed value of a sheet; `original` is what the file said, when that is not the label."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="term_links")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="action_links")
    position = models.PositiveSmallIntegerField(default=0)
    original = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["action", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["action", "term"], name="term_once_in_action")]

    def __str__(self) -> str:
        return str(self.term)


class Fact(models.Model):
    """A number found in a text, as a suggestion; counted only once someone accepted it.

    `start` and `end` are offsets in the field; `low` and `high` are what the editor kept, `text` what was read.
    """

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


class ImportBatch(models.Model):
    """One file on its way into the catalogue. Nothing of it counts before it is applied."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="imports")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    token = models.CharField(max_length=40, unique=True)  # of the form: a double click is one click
    filename = models.CharField(max_length=200)
    file = models.FileField(upload_to="imports", blank=True)
    format = models.CharField(max_length=10, blank=True)
    as_draft = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.READING)
    claim = models.CharField(max_length=16, blank=True)  # of the one process that reads it
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    messages = models.JSONField(default=list)
    notes = models.JSONField(default=dict)  # values read otherwise than written: see `imports/notes.py`
    made = models.JSONField(default=dict)  # beside sheets, to undo: {"structures", "affiliations", "terms": [id]}

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        """The page where the team follows this import."""
        return reverse("import", args=[self.pk])


class ImportRow(models.Model):
    """One record of the file, what it would do, and what someone chose."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    title = models.TextField()
    identity = models.CharField(max_length=40, blank=True, default="")  # shared by the homonyms of a file
    outcome = models.CharField(max_length=10, choices=Outcome)
    fields = models.JSONField()
    extras = models.JSONField(default=list)
    action = models.ForeignKey(Action, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changes = models.JSONField(default=list)  # [{"field", "here", "file", "kind"}]
    messages = models.JSONField(default=list)
    near = models.ForeignKey(Structure, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    near_name = models.CharField(max_length=300, blank=True)  # of `near`, or of a structure earlier in the file
    near_department = models.CharField(max_length=100, blank=True)
    same_structure = models.BooleanField(null=True, default=None)  # whether the near one is it; null: nobody said
    # A sheet of the same structure, absent from the file, that this record may be under another title.
    near_sheet = models.ForeignKey(Action, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    same_sheet = models.BooleanField(null=True, default=None)  # whether it is; null: nobody said, it comes as a new one
    first_named = models.BooleanField(default=False)  # the first record of the file to name a structure nobody knows
    numbers = models.PositiveIntegerField(default=0)  # found in the texts that it would bring
    choices = models.JSONField(default=dict)  # {field: {"kept": "here" | "file", "here": the value settled against}}
    # To undo the import: what it replaced in a sheet known before, and the digest of the sheet as it left it.
    before = models.JSONField(default=dict)
    left_as = models.CharField(max_length=40, blank=True, default="")
    undone = models.CharField(max_length=10, choices=Undone, blank=True, default="")

    class Meta:
        ordering = ["batch", "number"]
        indexes = [models.Index(fields=["batch", "identity"])]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="row_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def looks_like(self) -> str:
        """The name of a structure that may be the same, or an empty string."""
        return self.near_name
