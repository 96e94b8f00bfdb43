"""The letter of the week: what waits for the team of a network, what it is asked, what is new for those who write."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from tisserand.actions.enums import State
from tisserand.actions.links import running_address
from tisserand.actions.models import Action, SheetCall
from tisserand.actions.queries import gaps, published, returned_for_long, stale, stale_in, to_review
from tisserand.actions.queries.calls import calls_asked
from tisserand.common.dates import ago
from tisserand.common.nightly import nightly
from tisserand.messages import kinds
from tisserand.messages.links import public_address
from tisserand.messages.operations import queue
from tisserand.network.models import Network, Structure, User
from tisserand.network.queries import networks, team_of, writers_in, writers_of

DIGEST = kinds.register("actions.digest", _l("Les nouvelles de la semaine"), optional=True)
MONDAY = 0
SHOWN = 5  # sheets named in a list
ASKED_DAYS = 7  # of the month: stale sheets are asked about once a month, on its first Monday


@nightly(key="digest", label=_l("Nouvelles de la semaine, le lundi"))
def send_digests(now: datetime) -> int:
    """Queue the letters of the week; returns how many. Twice in a Monday is once; nothing to say is no letter."""
    today = timezone.localdate(now)
    if today.weekday() != MONDAY:
        return 0
    letters: dict[User, list[str]] = {}
    for network in networks():
        for person, told in _of_network(network, now):
            letters.setdefault(person, []).append(_part(network.name, told))
    asks = today.day <= ASKED_DAYS
    for network, structure in _with_news(now, asks=asks):
        for person in writers_of(network, structure):
            told = list(_for_writer(network, structure, person, now, asks=asks))
            if told:
                letters.setdefault(person, []).append(_part(structure.name, told))
    return sum(_queue(person, parts, today.isoformat()) for person, parts in letters.items())


def _queue(person: User, parts: list[str], day: str) -> bool:
    text = "\n\n".join([_("Bonjour,"), *parts, public_address(reverse("staff-home"))])
    key = f"digest:{day}:{person.pk}"
    return queue(key=key, kind=DIGEST, to=person.email, subject=_("Vos fiches cette semaine"), text=text) is not None


def _part(name: str, told: list[str]) -> str:
    return "\n".join([name, *(f"- {line}" for line in told)])


def _of_network(network: Network, now: datetime) -> Iterator[tuple[User, list[str]]]:
    """What each person is told of a network: what waits, to its team; what others ask, to all who may answer."""
    asked = list(calls_asked(network, _week(now)))
    waiting = list(_for_team(network, now))
    team = set(team_of(network)) if waiting else set()
    for person in writers_in(network) if asked or waiting else ():
        others = [call for call in asked if call.created_by_id != person.pk]
        told = [*(waiting if person in team else ()), *map(_question, others[:SHOWN])]
        if told:
            yield person, told


def _question(call: SheetCall) -> str:
    words = {"asker": call.asker, "question": call.question, "address": public_address(call.get_absolute_url())}
    return _("Question posée par %(asker)s : %(question)s %(address)s") % words


def _for_team(network: Network, now: datetime) -> Iterator[str]:
    """What waits for the team of a network, one line each."""
    here = f"?network={network.slug}"
    waiting = list(to_review(network))
    if waiting:
        told = ngettext("%(n)d fiche à relire", "%(n)d fiches à relire", len(waiting)) % {"n": len(waiting)}
        first = waiting[0].submitted_at
        since = _("la première proposée %(when)s") % {"when": ago(first)} if first else ""
        yield f"{told}, {since} : {public_address(reverse('reviews'))}{here}"
    late = list(returned_for_long(network, now))
    if late:
        told = ngettext(
            "%(n)d fiche renvoyée depuis plus de deux semaines, et pas encore reprise",
            "%(n)d fiches renvoyées depuis plus de deux semaines, et pas encore reprises",
            len(late),
        )
        yield told % {"n": len(late)} + f" : {_titles(late)}"
    old = stale_in(network).count()
    if old:
        told = ngettext(
            "%(n)d fiche que personne n'a confirmée depuis un an",
            "%(n)d fiches que personne n'a confirmées depuis un an",
            old,
        )
        yield told % {"n": old} + f" : {public_address(reverse('stale'))}{here}"
    came = _new_members(network, now)
    if came:
        told = ngettext(
            "%(n)d nouvelle structure membre, sans fiche encore",
            "%(n)d nouvelles structures membres, sans fiche encore",
            len(came),
        )
        yield told % {"n": len(came)} + f" : {', '.join(one.name for one in came)}"


def _new_members(network: Network, now: datetime) -> list[Structure]:
    monday = timezone.localdate(now)
    came = network.affiliations.filter(starts__gte=monday - timedelta(days=7), starts__lt=monday)
    joined = set(came.values_list("structure", flat=True))
    return [one for one in gaps(network).structures if one.pk in joined] if joined else []


def _week(now: datetime) -> tuple[datetime, datetime]:
    """The week that the letter tells, its ends included: from a Monday at midnight to the next one."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    before = midnight.replace(tzinfo=None) - timedelta(days=7)  # of the clock: a week may have 167 hours
    return timezone.make_aware(before), midnight - timedelta(microseconds=1)


def _with_news(now: datetime, *, asks: bool) -> list[tuple[Network, Structure]]:
    """Where there may be something to tell the writers of a structure: few of them, most weeks."""
    week = _week(now)
    news = Q(state=State.RETURNED) | Q(state=State.PUBLISHED, published_at__range=week)
    news |= Q(state=State.PUBLISHED, versions__until__range=week) | Q(inspired__published_at__range=week)
    rows = Action.objects.filter(news).order_by()
    places = set(rows.values_list("network", "structure"))
    places |= set(stale().order_by().values_list("network", "structure")) if asks else set()
    by_network = Network.objects.in_bulk({network for network, _structure in places})
    by_structure = Structure.objects.in_bulk({structure for _network, structure in places})
    return [(by_network[network], by_structure[structure]) for network, structure in sorted(places)]


def _for_writer(network: Network, structure: Structure, person: User, now: datetime, *, asks: bool) -> Iterator[str]:
    """What is new for someone who writes for a structure, one line each."""
    sheets = Action.objects.filter(network=network, structure=structure).order_by("pk")
    week = _week(now)
    yield from _to_take_up(sheets)
    yield from _made_public(sheets, week)
    yield from _inspiring(sheets, week)
    for sheet in sheets.filter(pk__in=stale().values("pk"))[:SHOWN] if asks else ():
        told = _("%(title)s : cette action continue-t-elle ? %(address)s")
        yield told % {"title": sheet.title, "address": running_address(sheet, person)}


def _to_take_up(sheets: QuerySet[Action]) -> Iterator[str]:
    asked = Count("remarks", filter=Q(remarks__settled_at=None))
    for sheet in sheets.filter(state=State.RETURNED).annotate(asked=asked):
        told = ngettext("%(n)d remarque à reprendre", "%(n)d remarques à reprendre", sheet.asked) % {"n": sheet.asked}
        address = public_address(reverse("action-edit", args=[sheet.pk]))
        yield f"{sheet.title} : {told if sheet.asked else _('à proposer de nouveau')}, {address}"


def _made_public(sheets: QuerySet[Action], week: tuple[datetime, datetime]) -> Iterator[str]:
    in_week = Q(versions__until__range=week)
    public = sheets.filter(state=State.PUBLISHED).annotate(changed=Count("versions", filter=in_week))
    for sheet in public.filter(Q(published_at__range=week) | Q(changed__gt=0))[:SHOWN]:
        new = sheet.published_at and week[0] <= sheet.published_at <= week[1]
        told = _("%(title)s : publiée, %(address)s") if new else _("%(title)s : mise à jour, %(address)s")
        yield told % {"title": sheet.title, "address": public_address(reverse("action-short", args=[sheet.pk]))}


def _inspiring(sheets: QuerySet[Action], week: tuple[datetime, datetime]) -> Iterator[str]:
    copies = published().filter(inspired_by__in=sheets, published_at__range=week)
    for copy in copies.select_related("structure", "inspired_by").order_by("pk")[:SHOWN]:
        yield _("%(title)s : reprise par %(who)s") % {"title": copy.inspired_by, "who": copy.structure.name}


def _titles(sheets: list[Action]) -> str:
    named = ", ".join(f"« {sheet.title} »" for sheet in sheets[:SHOWN])
    return f"{named}…" if len(sheets) > SHOWN else named
