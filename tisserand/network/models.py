"""Networks, structures, the ties between them, users and their roles."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tisserand.common.fields import LineField
from tisserand.network.enums import NETWORK_ROLES, Accent, RoleKind, StructureKind

INVITATION_HOLDS = timedelta(days=14)
MERGE_UNDONE_FOR = timedelta(days=30)


class Network(models.Model):
    """A federation or association and its members. An instance may host several."""

    slug = models.SlugField(_("identifiant"), unique=True, max_length=80)
    name = LineField(_("nom"), max_length=200)
    territory = LineField(_("territoire"), max_length=200, blank=True)
    intro = models.TextField(_("présentation"), blank=True)
    accent = models.CharField(_("couleur"), max_length=20, choices=Accent, default=Accent.GUEDE)
    rate_from = models.PositiveSmallIntegerField(
        _("base minimale d'un pourcentage"), default=20, help_text=_("En dessous, on imprime « 18 sur 19 ».")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Structure(models.Model):
    """A place that leads actions. The `…_key` columns hold the folded names that imports and searches compare."""

    slug = models.SlugField(unique=True, max_length=100)
    name = LineField(_("nom"), max_length=300)
    name_key = models.CharField(max_length=300, editable=False)
    department = LineField(_("département"), max_length=100, blank=True)
    department_key = models.CharField(max_length=100, editable=False, blank=True)
    kind = models.CharField(_("type"), max_length=20, choices=StructureKind, blank=True, default="")
    about = models.TextField(_("présentation"), blank=True)
    address = LineField(_("adresse"), max_length=200, blank=True)
    postcode = LineField(_("code postal"), max_length=10, blank=True)
    commune = LineField(_("commune"), max_length=100, blank=True)
    commune_key = models.CharField(max_length=100, editable=False, blank=True)
    phone = LineField(_("téléphone"), max_length=30, blank=True)
    email = models.EmailField(_("adresse e-mail"), blank=True)
    website = models.URLField(_("site"), blank=True)
    # The network that first named it keeps its page; others may tie it to theirs, not rename it.
    home = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    networks: models.ManyToManyField[Network, "Affiliation"] = models.ManyToManyField(Network, through="Affiliation")

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name_key", "department_key"], name="structure_named_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The public page."""
        return reverse("structure", args=[self.slug])


class StructureAlias(models.Model):
    """Another spelling that someone recognised as this structure, so that the next import knows it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="aliases")
    name = LineField(max_length=300)
    name_key = models.CharField(max_length=300, editable=False)
    department_key = models.CharField(max_length=100, editable=False, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "name_key", "department_key"], name="alias_named_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Affiliation(models.Model):
    """A structure's dated tie to a network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="affiliations")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="affiliations")
    starts = models.DateField(_("depuis"))
    ends = models.DateField(_("jusqu'au"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "structure"], condition=Q(ends=None), name="one_open_affiliation"
            ),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")), name="affiliation_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.structure} · {self.network}"


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account; without a password it cannot log in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create the account that administers the whole instance."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find the account whatever the case of the address typed."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Someone who works with the software. Residents are not users."""

    email = models.EmailField(_("adresse e-mail"), unique=True)
    first_name = LineField(_("prénom"), max_length=100, blank=True)
    last_name = LineField(_("nom"), max_length=100, blank=True)
    is_active = models.BooleanField(_("actif"), default=True)
    is_superuser = models.BooleanField(_("administre l'instance"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """First and last name, or the address."""
        return f"{self.first_name} {self.last_name}".strip() or self.email


def _fits_its_place() -> Q:
    """A role of the network names no structure, a role of a structure names one."""
    return Q(kind__in=NETWORK_ROLES, structure=None) | (~Q(kind__in=NETWORK_ROLES) & Q(structure__isnull=False))


class Role(models.Model):
    """What a user may do between two dates, in a network or in one of its structures."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="roles")
    structure = models.ForeignKey(Structure, null=True, blank=True, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(_("rôle"), max_length=20, choices=RoleKind)
    starts = models.DateField(_("depuis"))
    ends = models.DateField(_("jusqu'au"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gte=F("starts")), name="role_ends_after_start"),
            models.CheckConstraint(condition=_fits_its_place(), name="role_in_its_place"),
            models.UniqueConstraint(
                fields=["user", "network", "kind"], condition=Q(ends=None, structure=None), name="one_open_role"
            ),
            models.UniqueConstraint(
                fields=["user", "network", "structure", "kind"],
                condition=Q(ends=None, structure__isnull=False),
                name="one_open_role_in_structure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()} · {self.structure or self.network}"


class Invitation(models.Model):
    """A role offered to an e-mail address; whoever opens the link sent there may take it.

    The link is signed and holds `nonce`: sending again makes a new one, and the earlier link dies.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="invitations")
    structure = models.ForeignKey(Structure, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("rôle"), max_length=20, choices=RoleKind)
    email = models.EmailField(_("adresse e-mail"))
    nonce = models.CharField(max_length=32, editable=False)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invited_email_lower_case"),
            models.CheckConstraint(condition=_fits_its_place(), name="invitation_in_its_place"),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="accepted_or_withdrawn"),
            models.UniqueConstraint(
                fields=["network", "kind", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None, structure=None),
                name="invited_once",
            ),
            models.UniqueConstraint(
                fields=["network", "structure", "kind", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None, structure__isnull=False),
                name="invited_once_in_structure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_kind_display()} · {self.structure or self.network}"

    # Whether the link that was opened is the last one sent (see `links`).
    is_current = True

    @property
    def expires_at(self) -> datetime:
        """When its link stops working."""
        return self.sent_at + INVITATION_HOLDS

    @property
    def has_expired(self) -> bool:
        """Whether its link stopped working of old age."""
        return timezone.now() >= self.expires_at

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer; its link may have expired."""
        return self.accepted_at is None and self.withdrawn_at is None


class Agreement(models.Model):
    """A convention or charter that a structure signed with a network, between two dates."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="agreements")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="agreements")
    label = LineField(_("intitulé"), max_length=200)
    signed_on = models.DateField(_("signée le"), null=True, blank=True)
    starts = models.DateField(_("du"))
    ends = models.DateField(_("au"), null=True, blank=True)
    renewed_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="renews")
    # How close to its end it was last told (`operations.ties`); None when it was not.
    told_days = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["ends", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["network", "structure", "label", "starts"], name="agreement_kept_once"),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")), name="agreement_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} · {self.structure}"


class Merge(models.Model):
    """Two that became one. `moved` is what it takes to part them (see `operations.merging`), emptied after 30 days."""

    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    moved = models.JSONField(default=list)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]

    @property
    def until(self) -> datetime:
        """When it can be undone no more."""
        return self.created_at + MERGE_UNDONE_FOR


class StructureMerge(Merge):
    """A structure that was another one: `slug` is its address, which leads to `kept` from now on.

    `gone` is the number that it had; in a database put back elsewhere, another may have been given it since.
    """

    kept = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="merges")
    gone = models.PositiveBigIntegerField(db_index=True)
    slug = models.SlugField(unique=True, max_length=100)

    def __str__(self) -> str:
        return f"{self.slug} → {self.kept}"

    @property
    def former(self) -> dict[str, Any]:
        """What the structure that went said of itself; empty once it cannot come back."""
        mine = (change for change in self.moved if change["model"] == Structure._meta.label_lower)
        return next((change["whole"] for change in mine if "whole" in change), {})


class AccountMerge(Merge):
    """An account that was a second one of the same person: closed, then deleted once it cannot be undone any more.

    `network` is the one whose administration did it, and may undo it.
    """

    network = models.ForeignKey(Network, null=True, on_delete=models.SET_NULL, related_name="+")
    kept = models.ForeignKey(User, on_delete=models.CASCADE, related_name="merges")
    gone = models.OneToOneField(User, on_delete=models.CASCADE, related_name="merged")

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept}"


class Controller(models.Model):
    """Who answers for the personal data of a network: the head of its register of processing."""

    network = models.OneToOneField(Network, on_delete=models.CASCADE, related_name="controller")
    name = LineField(_("responsable"), max_length=200, help_text=_("L'association ou la fédération."))
    address = models.TextField(_("adresse postale"), blank=True)
    contact = LineField(
        _("pour exercer ses droits"),
        max_length=200,
        help_text=_("Une adresse e-mail ou un téléphone que quelqu'un relève."),
    )
    officer = LineField(
        _("délégué·e à la protection des données"),
        max_length=200,
        blank=True,
        help_text=_("Nom ou service, et comment joindre."),
    )

    def __str__(self) -> str:
        return self.name


class CacheEntry(models.Model):
    """A line of Django's cache, which counts the tries at the door; only `settings.CACHES` writes it.

    Being a table of ours, it is made by the migrations, told among personal data, and emptied each night.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "shared_cache"

    def __str__(self) -> str:
        return self.cache_key
