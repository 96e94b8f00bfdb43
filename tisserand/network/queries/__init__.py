"""Reading networks and structures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from rapidfuzz import fuzz, process

from tisserand.common.periods import holding, lasting
from tisserand.common.text import fold, slug
from tisserand.network.enums import RoleKind, StructureKind
from tisserand.network.models import (
    AccountMerge,
    Affiliation,
    Agreement,
    Controller,
    Invitation,
    Network,
    Role,
    Structure,
    StructureAlias,
    User,
)
from tisserand.network.rules import (
    STAFF_KINDS,
    WRITING_KINDS,
    Actor,
    administers,
    administrators,
    current_roles,
    directing_roles,
    is_staff_of,
    networks_administered,
    networks_of_staff,
    still_offered,
    writing_roles,
)
from tisserand.privacy.registry import Subject

NEAR = 88  # rapidfuzz score from which two names of structures are shown side by side
StructureKey = tuple[str, str]
_Placed = TypeVar("_Placed", Role, Invitation)


def site_network() -> Network | None:
    """The network whose name and colour dress the pages: the first one of the instance."""
    return Network.objects.first()


def networks() -> QuerySet[Network]:
    """Every network of the instance, the first one first."""
    return Network.objects.all()


def only_network() -> Network | None:
    """The network of an instance that hosts one, and no more."""
    found = list(networks()[:2])
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role is given: a network, or one of its structures."""

    network: Network
    structure: Structure | None

    @property
    def key(self) -> str:
        """As the form sends it."""
        return f"{self.network.pk}-{self.structure.pk if self.structure else ''}"

    def __str__(self) -> str:
        return self.structure.name if self.structure else self.network.name


def members_of(network: Network) -> QuerySet[Structure]:
    """The structures that are members of *network* today, by name."""
    ties = holding(Affiliation.objects.filter(network=network))
    return Structure.objects.filter(pk__in=ties.values("structure"))


def places_of(viewer: Actor, network: Network | None) -> list[Place]:
    """Where *viewer* invites: in *network* and its structures when they keep it, and in those that they direct."""
    found: list[Place] = []
    if network and is_staff_of(viewer, network):
        own = [Place(network, None)] if administers(viewer, network) else []
        found = [*own, *(Place(network, structure) for structure in members_of(network))]
    roles = directing_roles(viewer).exclude(network__in=networks_of_staff(viewer))
    roles = roles.select_related("network", "structure").order_by("structure__name_key", "pk")
    return [*found, *(Place(role.network, role.structure) for role in roles)]


def writing_places(viewer: Actor) -> list[Place]:
    """Where *viewer* writes sheets: the structures of their own roles first, then the members of what they keep."""
    roles = writing_roles(viewer).select_related("network", "structure").order_by("structure__name_key", "pk")
    kept = holding(Affiliation.objects.filter(network__in=networks_of_staff(viewer)))
    kept = kept.select_related("network", "structure").order_by("network", "structure__name_key", "pk")
    places = [Place(role.network, role.structure) for role in roles] + [Place(k.network, k.structure) for k in kept]
    return list({place.key: place for place in places}.values())


def people_seen_by(viewer: Actor, network: Network | None) -> QuerySet[Role]:
    """The roles held today or later that *viewer* sees, by place then by name."""
    rows = lasting(Role.objects.all())
    rows = rows.select_related("user", "network", "structure")
    order = (F("structure__name_key").asc(nulls_first=True), "user__last_name", "user__first_name", "pk")
    return _seen(rows, viewer, network).order_by(*order)


def invitations_seen_by(viewer: Actor, network: Network | None) -> QuerySet[Invitation]:
    """The invitations that wait, among those that *viewer* sees."""
    rows = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
    return _seen(rows.select_related("network", "structure", "created_by"), viewer, network)


def _seen(rows: QuerySet[_Placed], viewer: Actor, network: Network | None) -> QuerySet[_Placed]:
    kept = networks_of_staff(viewer)
    directed = directing_roles(viewer).filter(network=OuterRef("network"), structure=OuterRef("structure"))
    mine = Q(Exists(directed)) & ~Q(network__in=kept)
    return rows.filter(Q(network=network, network__in=kept) | mine) if network else rows.filter(mine)


def team_of(network: Network) -> QuerySet[User]:
    """The people who keep *network* today."""
    return _holders(STAFF_KINDS, network=network)


def writers_of(network: Network, structure: Structure, kinds: Iterable[RoleKind] = WRITING_KINDS) -> QuerySet[User]:
    """The people who write the sheets of *structure* in *network* today, or those of them who hold one of *kinds*."""
    return _holders(kinds, network=network, structure=structure)


def writers_in(network: Network) -> QuerySet[User]:
    """The people who write for a structure of *network* today, or keep it."""
    return _holders((*STAFF_KINDS, *WRITING_KINDS), network=network)


def _holders(kinds: Iterable[RoleKind], **place: Network | Structure) -> QuerySet[User]:
    roles = holding(Role.objects.filter(kind__in=kinds, **place))
    return User.objects.filter(pk__in=roles.values("user"), is_active=True)


def agreements_kept_by(viewer: Actor) -> QuerySet[Agreement]:
    """The agreements of the networks that *viewer* keeps: the first to end comes first."""
    rows = Agreement.objects.filter(network__in=networks_of_staff(viewer))
    return rows.select_related("network", "structure", "renewed_by").order_by(F("ends").asc(nulls_last=True), "pk")


def agreements_of(viewer: Actor, network: Network) -> QuerySet[Agreement]:
    """Those of one network."""
    return agreements_kept_by(viewer).filter(network=network)


def to_renew(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """Those that end within two months, or ended in the last year, and that nothing takes over from."""
    today = timezone.localdate()
    return agreements.filter(
        renewed_by=None, ends__gte=today - timedelta(days=365), ends__lte=today + timedelta(days=60)
    )


def affiliations_kept_by(viewer: Actor, structure: Structure) -> QuerySet[Affiliation]:
    """The ties of *structure* with the networks that *viewer* keeps, the open one first."""
    rows = Affiliation.objects.filter(structure=structure, network__in=networks_of_staff(viewer))
    return rows.select_related("network", "structure").order_by(F("ends").desc(nulls_first=True), "-starts", "pk")


def account_at(email: str) -> User | None:
    """The account that an address leads to: where it was proven, else the one that bears it."""
    proven = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    return proven.user if proven else User.objects.filter(email=email).first()


def account_exists(pk: int) -> bool:
    """Whether an account still has this number: it may have been erased since."""
    return User.objects.filter(pk=pk).exists()


def main_address(email: str) -> str:
    """Where the account that an address leads to is written to: its own, when this is another one of the person."""
    proven = EmailAddress.objects.filter(email=email, verified=True, primary=False).select_related("user").first()
    return proven.user.email if proven else email


def account_of_proven(email: str) -> User | None:
    """The open account of this address, where someone proved that they read what is sent there."""
    proven = EmailAddress.objects.filter(email=email, verified=True, primary=True).values("user")
    return User.objects.filter(pk__in=proven, email=email, is_active=True).first()


def invitation_waiting_for(email: str) -> Invitation | None:
    """The last invitation sent to this address, if it has no account and its link works still."""
    if account_at(email):
        return None
    rows = Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None)
    found = rows.select_related("network", "structure", "created_by").first()
    return found if found and still_offered(found) else None


def people_known_to(viewer: Actor) -> QuerySet[User]:
    """The accounts that hold a role, or held one, in a network that *viewer* administers."""
    roles = Role.objects.filter(network__in=networks_administered(viewer))
    return User.objects.filter(pk__in=roles.values("user"))


def roles_known_to(viewer: Actor, user: User) -> QuerySet[Role]:
    """The roles of *user*, past ones too, in the networks that *viewer* administers."""
    rows = Role.objects.filter(user=user, network__in=networks_administered(viewer))
    return rows.select_related("network", "structure").order_by("-starts", "pk")


def subject_of(user: User) -> Subject:
    """Whose data these are: the account, every address known to be theirs, the names that texts may quote."""
    accepted = Invitation.objects.filter(accepted_by=user).values_list("email", flat=True)
    own = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    first, last = user.first_name.strip(), user.last_name.strip()
    names = {f"{first} {last}", f"{last} {first}"} if first and last else set()  # one word alone names anyone
    return Subject(user.pk, frozenset(email.lower() for email in (user.email, *own, *accepted)), frozenset(names))


def accounts_of(user: User) -> list[User]:
    """The accounts that were merged into this one and not deleted yet, the first merged first, then this one."""
    merged = [merge.gone for merge in AccountMerge.objects.filter(kept=user).select_related("gone").order_by("pk")]
    return [*(account for one in merged for account in accounts_of(one)), user]


def networks_kept_alone(user: User) -> list[Network]:
    """The networks that nobody else administers."""
    held = current_roles(user).filter(kind=RoleKind.NETWORK_ADMIN).values("network")
    networks = Network.objects.filter(pk__in=held)
    return [network for network in networks if not administrators(network).exclude(user=user).exists()]


def sessions_of(user: User) -> list[UserSession]:
    """The sessions that *user* has open, the newest first."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(UserSession.objects.filter(user=user, session_key__in=live).order_by("-created_at", "-pk"))


def factors_of(user: User) -> list[Authenticator]:
    """The second factors of *user*, the first one added first."""
    return list(Authenticator.objects.filter(user=user).order_by("pk"))


def other_addresses_of(user: User) -> list[EmailAddress]:
    """The addresses that *user* proved and that are not the one that they log in with."""
    return list(EmailAddress.objects.filter(user=user, verified=True, primary=False).order_by("email"))


def held_by(user: User) -> list[Role]:
    """The roles of *user* today, with their places, the first one given first."""
    return list(current_roles(user).select_related("network", "structure").order_by("pk"))


def controllers() -> QuerySet[Controller]:
    """Who answers for the data of each network that said it."""
    return Controller.objects.order_by("network")


def structures() -> QuerySet[Structure]:
    """Every structure, by name; all are public."""
    return Structure.objects.all()


def structures_kept_by(viewer: Actor) -> QuerySet[Structure]:
    """The structures whose page *viewer* keeps."""
    return structures().filter(home__in=networks_of_staff(viewer)).select_related("home")


def structure_key(name: str, department: str) -> StructureKey:
    """What makes two spellings one structure: case, accents and spacing set apart."""
    return (fold(name) or name.strip().casefold())[:300], fold(department)[:100]


@dataclass(frozen=True, slots=True)
class Near:
    """A structure whose name looks like another's; `structure_id` is None for one named earlier in a file."""

    structure_id: int | None
    name: str
    department: str


@dataclass(slots=True)
class StructureIndex:
    """All known spellings, in memory, to match the rows of an import without a query each."""

    by_key: dict[StructureKey, Near]

    @classmethod
    def load(cls, network: Network) -> "StructureIndex":
        """Read all structures, and the other names that *network* recognised (two queries)."""
        found = {s.pk: s for s in Structure.objects.only("name", "department", "name_key", "department_key")}
        by_key = {(s.name_key, s.department_key): Near(s.pk, s.name, s.department) for s in found.values()}
        for alias in StructureAlias.objects.filter(network=network):
            structure = found[alias.structure_id]
            near = Near(structure.pk, structure.name, structure.department)
            by_key.setdefault((alias.name_key, alias.department_key), near)
        return cls(by_key)

    def knows(self, name: str, department: str) -> bool:
        """Whether this name was met, in the database or earlier in the file."""
        return structure_key(name, department) in self.by_key

    def add(self, name: str, department: str) -> None:
        """Take note of a name met in a file."""
        self.by_key.setdefault(structure_key(name, department), Near(None, name, department))

    def find(self, name: str, department: str) -> int | None:
        """The structure that bears this name, or None."""
        found = self.by_key.get(structure_key(name, department))
        return found.structure_id if found else None

    def near(self, name: str, department: str) -> Near | None:
        """A structure whose name looks like this one, to propose and never to merge alone."""
        key, department_key = structure_key(name, department)
        comparable = (k for k in self.by_key if k[1] == department_key or not department_key or not k[1])
        candidates = {k: proper_part(k[0]) for k in comparable}
        found = process.extractOne(proper_part(key), candidates, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR)
        return self.by_key[found[2]] if found else None


# What a structure is, rather than its name: two centres differ by the rest.
_GENERIC = frozenset(
    ("association centre cs csc de des du d espace evs l la le les maison municipal pour social socio culturel "
     "socioculturel tous vie sociale").split()
)  # fmt: skip


def proper_part(key: str) -> str:
    """The words of a folded name that are its own; all of them when every word is generic."""
    return " ".join(word for word in key.split() if word not in _GENERIC) or key


@dataclass(slots=True)
class FoundStructures:
    """The answer of the directory: a queryset in name order, and counts by kind and département."""

    rows: QuerySet[Structure]
    count: int
    facets: dict[str, list[dict[str, str | int]]]

    def page(self, start: int, limit: int) -> QuerySet[Structure]:
        """*limit* structures from rank *start*."""
        return self.rows[start : start + limit]


def find_structures(*, text: str = "", kind: str = "", department: str = "") -> FoundStructures:
    """Structures whose name, commune or département hold every word of *text*."""
    rows = structures()
    for word in fold(text).split()[:10]:
        rows = rows.filter(
            Q(name_key__contains=word) | Q(department_key__contains=word) | Q(commune_key__contains=word)
        )
    if kind:
        rows = rows.filter(kind=kind) if kind in StructureKind.values else rows.none()
    if department:
        rows = rows.filter(department_key=fold(department))
    facets: dict[str, list[dict[str, str | int]]] = {
        "kind": [
            {"value": value, "label": str(StructureKind(value).label), "count": n} for value, n in _tally(rows, "kind")
        ],
        "department": [
            {"value": slug(value), "label": value, "count": n} for value, n in _tally(rows, "department") if value
        ],
    }
    return FoundStructures(rows, rows.count(), facets)


def _tally(rows: QuerySet[Structure], column: str) -> list[tuple[str, int]]:
    counted = rows.order_by().values_list(column).annotate(n=Count("pk")).order_by("-n", column)
    return list(counted)
