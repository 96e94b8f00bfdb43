"""What people of a network ask one another, and the sheets that answer."""

from datetime import datetime

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from tisserand.actions.enums import State
from tisserand.actions.models import Action, CallAnswer, SheetCall
from tisserand.actions.queries.catalogue import Places, published, visible_to
from tisserand.actions.search import SPACE
from tisserand.common.text import fold
from tisserand.network.models import Network
from tisserand.network.queries import Place
from tisserand.network.rules import Actor, networks_of_staff, networks_worked_in, writing_roles
from tisserand.search.engine import TITLE, related, search
from tisserand.search.tokens import WORD

PROPOSED = 4  # sheets that look like the question
TELLING = 4  # words of a question that are looked for
GUESSED = 2  # of them, when each has a single word of it
NEWEST = 50  # calls that wait, more than anyone leaves open: first one's own that were answered
FOUND = 8  # sheets of a search
# What a question to a network is made of, whatever it is about.
_ASKING = frozenset(
    """action actions aide atelier cherche cherchons connait connaissez deja exemple existe faire fait faites fiches
    fiche idee idees mene menent mettre monte organise organisent partage propose quelle quelqu quelque quelques quelles
    quels chose comment reseau savez sait structure structures theme autour lance lancer venir viennent""".split()
)


def calls_seen_by(viewer: Actor) -> QuerySet[SheetCall]:
    """The calls of the networks where *viewer* works, with how many public sheets answer each (`answered`).

    The open ones first, those without an answer before the others; then the closed ones. The newest first.
    """
    answers = CallAnswer.objects.filter(call=OuterRef("pk"), action__state=State.PUBLISHED).order_by()
    counted = Subquery(answers.values("call").annotate(n=Count("pk")).values("n"))
    rows = SheetCall.objects.filter(network__in=networks_worked_in(viewer))
    rows = rows.select_related("network", "structure", "created_by").annotate(answered=Coalesce(counted, 0))
    turn = Case(When(~_open(), then=Value(2)), When(answered=0, then=Value(0)), default=Value(1))
    return rows.order_by(turn, "-created_at", "-pk")


def call_exists(pk: int) -> bool:
    """Whether there is such a call, whoever may see it: the second click of two may find it gone."""
    return SheetCall.objects.filter(pk=pk).exists()


def _open() -> Q:
    """As `SheetCall.is_open`."""
    return Q(closed_at=None) & (Q(until=None) | Q(until__gte=timezone.localdate()))


def calls_waiting(viewer: Actor, network: Network | None = None) -> tuple[list[SheetCall], list[SheetCall]]:
    """What waits for *viewer*, the newest of it: their calls that found answers, and those of others without any.

    Args:
        network: only its calls.
    """
    theirs = Q(created_by=viewer.pk, answered__gt=0, closed_at=None)
    rows = calls_seen_by(viewer).filter(theirs | Q(_open(), ~Q(created_by=viewer.pk), answered=0))
    rows = rows.filter(network=network) if network else rows
    found = list(rows.order_by(Case(When(answered=0, then=1), default=0), "-created_at", "-pk")[:NEWEST])
    return [call for call in found if call.answered], [call for call in found if not call.answered]  # type: ignore[attr-defined]


def calls_asked(network: Network, during: tuple[datetime, datetime]) -> QuerySet[SheetCall]:
    """The calls of a network asked during that time (its ends included) and still open, the first one first."""
    rows = SheetCall.objects.filter(_open(), network=network, created_at__range=during)
    return rows.select_related("network", "structure").order_by("created_at", "pk")


def answers_seen_by(viewer: Actor, call: SheetCall, places: Places | None = None) -> QuerySet[CallAnswer]:
    """The answers whose sheet *viewer* may read, the first given first (*places* as in `written_by`)."""
    rows = call.answers.filter(action__in=visible_to(viewer, places).values("pk"))
    return rows.select_related("action__structure", "created_by")


def calls_of(sheet: Action) -> QuerySet[SheetCall]:
    """The calls that a sheet answers, for those who write it."""
    return SheetCall.objects.filter(answers__action=sheet).select_related("network", "structure").order_by("pk")


def asking_places(viewer: Actor) -> list[Place]:
    """In whose name *viewer* may ask: the structures for which they write, the networks that they keep."""
    roles = writing_roles(viewer).select_related("network", "structure").order_by("structure__name_key", "pk")
    own = [Place(role.network, role.structure) for role in roles]
    places = [*own, *(Place(network, None) for network in networks_of_staff(viewer))]
    return list({place.key: place for place in places}.values())


def sheets_for(call: SheetCall, text: str = "") -> list[Action]:
    """Public sheets of the network that may answer a call and do not yet: those that look like it, or that are sought.

    Args:
        text: what was typed to seek one; empty proposes those that speak of the same things as the question.
    """
    here = {"network": [call.network.slug]}
    if text.strip():
        sought = search(SPACE, text, here)
        ids = [pk for tier, pk in sought.ranked(FOUND) if sought.query.tells or tier == TITLE]
    else:
        found = related(SPACE, 0, _telling(call.question), (), mark="_l", filters=here, limit=PROPOSED)
        # Several words in common tell something; a single one is a guess.
        ids = [one.object_id for one in found if len(one.words) > 1] or [one.object_id for one in found[:GUESSED]]
    answering = call.answers.values("action")
    by_id = published().exclude(pk__in=answering).select_related("structure").in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]


def _telling(question: str) -> str:
    """The words that a question is about, the longest first: they are the rarest."""
    words = [word for word in WORD.findall(question) if fold(word) not in _ASKING]
    return " ".join(sorted(words, key=len, reverse=True)[:TELLING])
