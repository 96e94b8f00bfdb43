"""Pictures and documents of a sheet."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tisserand.actions.models.sheets import Action
from tisserand.common.fields import LineField
from tisserand.common.files.kinds import KINDS, Kind

FOLDER = "attachments"


class Attachment(models.Model):
    """A picture or a document of a sheet, kept under a name that nobody guesses (`key`).

    A sheet being rewritten has rows of its own for the same files; they take the place of the others when it is
    published. A picture shows once someone said what one sees there, and that those who can be recognised agree.
    """

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="attachments")
    key = models.CharField(max_length=32, editable=False, db_index=True)
    extension = models.CharField(max_length=4, editable=False)
    file = models.FileField(upload_to=FOLDER, max_length=100)
    thumbnail = models.FileField(upload_to=FOLDER, max_length=100, blank=True)
    size = models.PositiveIntegerField(editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    digest = models.CharField(max_length=64, editable=False)  # of what was sent: the same file sent twice is once
    title = LineField(_("titre"), max_length=120, blank=True)
    alt = LineField(_("ce que l'on voit"), max_length=300, blank=True)
    credit = LineField(_("crédit"), max_length=120, blank=True)
    consent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    consent_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["action", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "digest"], name="attached_once"),
            models.CheckConstraint(condition=Q(consent_at=None) | ~Q(alt=""), name="shown_picture_has_words"),
        ]

    def __str__(self) -> str:
        return self.title or self.alt or str(self.kind.label)

    def get_absolute_url(self) -> str:
        """The page that shows it: its sheet's."""
        return self.action.get_absolute_url()

    @property
    def kind(self) -> Kind:
        """What it is."""
        return KINDS[self.extension]

    @property
    def is_shown(self) -> bool:
        """Whether those who read the sheet see it."""
        return not self.kind.is_picture or self.consent_at is not None

    @property
    def thumbnail_size(self) -> tuple[int, int]:
        """Width and height of the small copy, told before it comes so that the page does not move."""
        scale = min(1.0, 800 / max(self.width, self.height, 1))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))
