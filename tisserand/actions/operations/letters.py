"""Letters about the life of a sheet: to the network when one is proposed, to its writers when the network answers, to
those of the sheet that inspired it; and about calls for sheets: to who asked, to who answered."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.enums import State
from tisserand.actions.fields import BY_KEY
from tisserand.actions.models import Action, CallAnswer, SheetCall
from tisserand.actions.queries.life import authors_of
from tisserand.messages import kinds
from tisserand.messages.kinds import Kind
from tisserand.messages.links import public_address
from tisserand.messages.operations import queue
from tisserand.network.enums import RoleKind
from tisserand.network.models import User
from tisserand.network.queries import team_of, writers_in, writers_of
from tisserand.network.rules import Actor

PROPOSED = kinds.register("actions.proposed", _l("Fiches proposées, à relire"), optional=True)
ANSWERED = kinds.register("actions.answered", _l("Réponses du réseau à vos fiches"), optional=True)
TAKEN_UP = kinds.register("actions.taken_up", _l("Une structure reprend une de vos fiches"), optional=True)
CALL_ANSWERED = kinds.register("actions.call_answered", _l("Réponses aux questions posées au réseau"), optional=True)
CALL_THANKED = kinds.register("actions.call_thanked", _l("Mercis pour vos réponses à une question"), optional=True)


def tell_proposed(actor: Actor, sheet: Action) -> None:
    """Tell the network that a sheet is to review."""
    words = {"title": sheet.title, "structure": sheet.structure.name}
    _send(
        PROPOSED,
        f"proposed:{sheet.pk}:{sheet.submitted_at:%Y%m%d%H%M%S%f}",
        [person for person in team_of(sheet.network) if person.pk != actor.pk],
        subject=_("À relire : %(title)s") % words,
        paragraphs=[
            _("Fiche proposée par %(structure)s : %(title)s.") % words,
            _("Pour la lire, et la publier ou dire ce qui manque :"),
            public_address(reverse("review", args=[sheet.pk])),
            sheet.network.name,
        ],
    )


def tell_returned(actor: Actor, sheet: Action) -> None:
    """Tell its writers what the network asks: the fields only, the words stay where a login is asked for."""
    asked = sheet.remarks.filter(settled_at=None).values_list("field", flat=True)
    fields = dict.fromkeys(str(BY_KEY[key].label) if key else _("toute la fiche") for key in asked)
    words = {"title": sheet.title}
    _send(
        ANSWERED,
        f"returned:{sheet.pk}:{sheet.submitted_at:%Y%m%d%H%M%S%f}",
        [person for person in authors_of(sheet) if person.pk != actor.pk],
        subject=_("À reprendre : %(title)s") % words,
        paragraphs=[
            _("Votre fiche « %(title)s » est lue : quelques retouches sont demandées. Les rubriques :") % words,
            "\n".join(f"- {label}" for label in fields),
            _("Pour lire les remarques et reprendre la fiche :"),
            public_address(reverse("sheet-propose", args=[sheet.pk])),  # where they are all told
            sheet.network.name,
        ],
    )


def tell_published(actor: Actor, sheet: Action, authors: Iterable[User], *, written: int) -> None:
    """Tell its writers that anyone may read what they wrote.

    Args:
        written: the number of the sheet that they wrote: this one, or the rewriting that came into it.
    """
    words = {"title": sheet.title}
    _send(
        ANSWERED,
        f"published:{written}:{sheet.revision}",
        [person for person in authors if person.pk != actor.pk],
        subject=_("Publiée : %(title)s") % words,
        paragraphs=[
            _("Votre fiche « %(title)s » est au catalogue : tout le monde peut la lire.") % words,
            public_address(sheet.get_absolute_url()),
            _("Merci, %(network)s") % {"network": sheet.network.name},
        ],
    )


def tell_taken_up(copy: Action) -> None:
    """Tell those who write the original that a sheet inspired by it is public; who began that one knows."""
    original = copy.inspired_by
    if original is None:
        return
    where = f" ({copy.structure.department})" if copy.structure.department else ""
    words = {"title": original.title, "copy": copy.title, "who": f"{copy.structure.name}{where}"}
    people = writers_of(original.network, original.structure)
    _send(
        TAKEN_UP,
        f"taken-up:{copy.pk}",
        [person for person in people if person.pk != copy.created_by_id],
        subject=_("Votre fiche « %(title)s » est reprise") % words,
        paragraphs=[
            _("Fiche inspirée de la vôtre, « %(title)s », publiée par %(who)s : « %(copy)s ».") % words,
            public_address(copy.get_absolute_url()),
            _("Toutes les reprises de la vôtre :"),
            public_address(reverse("action-spread", args=[original.pk])),
            original.network.name,
        ],
    )


def tell_answered(actor: Actor, answer: CallAnswer) -> None:
    """Tell who asked, and the network's team, that a public sheet answers; who did it knows."""
    call, sheet = answer.call, answer.action
    words = {"question": call.question, "asker": call.asker, "title": sheet.title, "who": sheet.structure.name}
    people = {person.pk: person for person in (*_askers(call), *team_of(call.network))}
    _send(
        CALL_ANSWERED,
        f"call-answered:{answer.pk}",
        [person for pk, person in people.items() if pk not in {actor.pk, answer.created_by_id}],
        subject=_("Une réponse : %(question)s") % words,
        paragraphs=[
            _("Question posée par %(asker)s : « %(question)s »") % words,
            _("Une fiche y répond : « %(title)s », %(who)s.") % words,
            public_address(call.get_absolute_url()),
            call.network.name,
        ],
    )


def _askers(call: SheetCall) -> list[User]:
    """Who asked, if they still write there; otherwise the directors of the structure. The team hears of it anyway."""
    if call.structure is None:
        return []
    asker = list(writers_of(call.network, call.structure).filter(pk=call.created_by_id or 0))
    return asker or list(writers_of(call.network, call.structure, (RoleKind.DIRECTOR,)))


def tell_thanked(actor: Actor, call: SheetCall) -> None:
    """Tell those whose answers are public sheets that they helped, once for a call."""
    answers = CallAnswer.objects.filter(call=call, action__state=State.PUBLISHED)
    words = {"question": call.question, "asker": call.asker}
    _send(
        CALL_THANKED,
        f"call-thanked:{call.pk}",
        [person for person in writers_in(call.network).filter(pk__in=answers.values("created_by")) if person != actor],
        subject=_("Merci : %(question)s") % words,
        paragraphs=[
            _("Merci envoyé par %(asker)s : votre réponse à « %(question)s » a servi.") % words,
            public_address(call.get_absolute_url()),
            call.network.name,
        ],
    )


def _send(kind: Kind, key: str, people: Iterable[User], *, subject: str, paragraphs: list[str]) -> None:
    text = "\n\n".join([_("Bonjour,"), *paragraphs])
    for person in people:
        queue(key=f"{key}:{person.pk}", kind=kind, to=person.email, subject=subject[:300], text=text)
