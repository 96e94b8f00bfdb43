"""Files on their way into the catalogue."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from tisserand.actions.enums import BatchState, Outcome, Undone
from tisserand.actions.models.sheets import Action
from tisserand.network.models import Network, Structure


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
