"""The first page after the door, by what one holds: what waits, what is new, what one began, where to begin."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tisserand.actions.models import Action, ImportBatch, SheetCall
from tisserand.actions.queries import Waiting, has_sheets, proposed_first, returned_for_long, stale_in, waiting
from tisserand.actions.queries.calls import calls_waiting
from tisserand.common.dates import ago, short_day
from tisserand.common.typography import thousands
from tisserand.network.guards import team_address
from tisserand.network.models import Network
from tisserand.network.queries import invitations_seen_by, people_seen_by
from tisserand.network.rules import WRITING_KINDS

Item = dict[str, Any]  # a line of `components/todo.html`
NAMED = 3  # sheets to review that are told one by one
LATE = 14  # days without an answer


def desk_items(request: HttpRequest, network: Network, *, administers: bool) -> list[Item]:
    """What waits for the team of a network: first people who wait for an answer, then files, then the rest."""
    now = timezone.now()
    answered, asked = calls_waiting(request.user, network)
    late, old = returned_for_long(network, now).count(), stale_in(network).count()
    return [
        *_reviews(request, network),
        *map(_answered, answered[:NAMED]),
        *_asked(request, asked),
        *_kept(request, waiting(network, verifies=administers)),
        *([_returned(request, late)] if late else []),
        *([_stale(request, old)] if old else []),
    ]


def _reviews(request: HttpRequest, network: Network) -> list[Item]:
    sheets, count = proposed_first(network, NAMED)
    items = [_review(sheet) for sheet in sheets]
    others = count - len(sheets)
    if others:
        title = ngettext("Relire %(n)s autre fiche", "Relire %(n)s autres fiches", others)
        why = _("La première proposée est la première à lire.")
        items.append(_item(request, title, others, why, "reviews", _("Voir les fiches à relire")))
    return items


def _review(sheet: Action) -> Item:
    words = {"structure": sheet.structure.name, "who": sheet.submitted_by}
    told = _("%(structure)s, par %(who)s.") if sheet.submitted_by else _("%(structure)s.")
    if sheet.revises_id:
        told = _("%(structure)s : réécriture d'une fiche publique.")
    assert sheet.submitted_at is not None
    return {
        "title": _("Relire « %(title)s »") % {"title": sheet.title},
        "why": told % words,
        "when": _("Proposée %(when)s") % {"when": ago(sheet.submitted_at)},
        "late": (timezone.now() - sheet.submitted_at).days >= LATE,
        "url": reverse("review", args=[sheet.pk]),
        "button": _("Relire la fiche"),
    }


def _answered(call: SheetCall) -> Item:
    """A question of one's own that found answers: to read, then to close."""
    why = _("Votre question au réseau : %(told)s.") % {"told": _count_answers(call)}
    return {"title": call.question, "why": why, "url": call.get_absolute_url(), "button": _("Lire et remercier")}


def _count_answers(call: SheetCall) -> str:
    count = call.answered  # type: ignore[attr-defined]
    return ngettext("%(n)s fiche y répond", "%(n)s fiches y répondent", count) % {"n": count}


def _asked(request: HttpRequest, calls: list[SheetCall]) -> list[Item]:
    """The questions that nobody has answered: one by its words, several by the latest."""
    if not calls:
        return []
    if len(calls) == 1:
        why = _("Question posée par %(asker)s : personne n'a encore répondu.") % {"asker": calls[0].asker}
        return [{"title": calls[0].question, "why": why, "url": calls[0].get_absolute_url(), "button": _("Répondre")}]
    why = _("La dernière : « %(question)s »") % {"question": calls[0].question}
    address = team_address(request, "calls")
    title = _("Des questions restent sans réponse")
    return [{"title": title, "why": why, "url": address, "button": _("Voir les questions")}]


def _returned(request: HttpRequest, count: int) -> Item:
    title = ngettext(
        "%(n)s fiche renvoyée depuis plus de deux semaines",
        "%(n)s fiches renvoyées depuis plus de deux semaines",
        count,
    )
    why = ngettext(
        "Ses auteurs ne l'ont pas reprise : un appel les aiderait peut-être.",
        "Leurs auteurs ne les ont pas reprises : un appel les aiderait peut-être.",
        count,
    )
    return _item(request, title, count, why, "reviews", _("Voir chez qui"))


def _stale(request: HttpRequest, count: int) -> Item:
    title = ngettext("%(n)s fiche à confirmer", "%(n)s fiches à confirmer", count)
    why = ngettext(
        "Personne n'a dit depuis un an que l'action continue.",
        "Personne n'a dit depuis un an que ces actions continuent.",
        count,
    )
    return _item(request, title, count, why, "stale", _("Voir et confirmer"))


def _kept(request: HttpRequest, todo: Waiting) -> list[Item]:
    items = [_file(batch) for batch in todo.imports]
    if todo.unknown:
        title = ngettext("Vérifier %(n)s valeur inconnue", "Vérifier %(n)s valeurs inconnues", todo.unknown)
        why = ngettext(
            "Elle est arrivée avec un fichier : vraie valeur de vos listes, ou faute de frappe ?",
            "Elles sont arrivées avec un fichier : vraies valeurs de vos listes, ou fautes de frappe ?",
            todo.unknown,
        )
        items.append(_item(request, title, todo.unknown, why, "lists", _("Vérifier les valeurs")))
    if todo.facts:
        title = ngettext("Relire %(n)s nombre trouvé", "Relire %(n)s nombres trouvés", todo.facts)
        why = _("Des personnes et des montants lus dans les textes ; aucun ne compte avant votre accord.")
        items.append(_item(request, title, todo.facts, why, "facts", _("Relire les nombres")))
    if todo.drafts:
        title = ngettext("Publier %(n)s fiche", "Publier %(n)s fiches", todo.drafts)
        why = ngettext(
            "Elle est en brouillon : seule l'équipe la voit.",
            "Elles sont en brouillon : seule l'équipe les voit.",
            todo.drafts,
        )
        items.append(_item(request, title, todo.drafts, why, "drafts", _("Voir les brouillons")))
    return items


def _item(request: HttpRequest, title: str, count: int, why: str, name: str, button: str) -> Item:
    address = team_address(request, name)
    return {"title": title % {"n": thousands(count)}, "why": why, "url": address, "button": button}


def _file(batch: ImportBatch) -> Item:
    """A file that waits: what it would change, in words."""
    created, updated, conflicts = (batch.counts.get(key, 0) for key in ("created", "updated", "conflicts"))
    told = (
        (created, ngettext("%(n)s fiche nouvelle", "%(n)s fiches nouvelles", created)),
        (updated, ngettext("%(n)s fiche modifiée", "%(n)s fiches modifiées", updated)),
        (conflicts, ngettext("%(n)s contradiction à trancher", "%(n)s contradictions à trancher", conflicts)),
    )
    changes = [text % {"n": thousands(count)} for count, text in told if count]
    return {
        "title": _("Relire le fichier %(name)s") % {"name": batch.filename},
        "why": f"{', '.join(changes)}.",
        "when": _("Déposé le %(day)s") % {"day": short_day(timezone.localtime(batch.created_at))},
        "url": batch.get_absolute_url(),
        "button": _("Relire le fichier"),
    }


def desk_beginnings(request: HttpRequest, network: Network, *, administers: bool) -> list[Item]:
    """Where to begin in a network that has no sheet yet."""
    if has_sheets(network):
        return []

    def item(title: str, why: str, name: str, button: str) -> Item:
        return {"title": title, "why": why, "url": team_address(request, name), "button": button}

    items = [
        item(
            _("Verser les fiches que le réseau a déjà"),
            _("Un tableau ou le texte publié suffit ; rien n'entre avant relecture."),
            "imports",
            _("Importer des fiches"),
        )
    ]
    if administers:
        items += [
            item(
                _("Inviter l'équipe et les directions"),
                _("Chaque structure écrit ses fiches ; quelqu'un du réseau les relit."),
                "people",
                _("Inviter"),
            ),
            item(
                _("Regarder les listes du réseau"),
                _("Mots-clés, publics, partenaires : les valeurs que les fiches proposent."),
                "lists",
                _("Voir les listes"),
            ),
        ]
    return items


def seat_beginnings(request: HttpRequest, *, directs: bool, wrote: bool) -> list[Item]:
    """Where to begin in a structure: bring a colleague in for who directs alone, write for who has not yet."""
    items = []
    others = people_seen_by(request.user, None).filter(kind__in=WRITING_KINDS).exclude(user=request.user.pk)
    if directs and not others.exists() and not invitations_seen_by(request.user, None).exists():
        items.append(
            {
                "title": _("Inviter une personne de votre équipe"),
                "why": _("Elle écrira les fiches avec vous : il suffit de son adresse e-mail."),
                "url": f"{reverse('people')}#inviter",
                "button": _("Inviter"),
            }
        )
    if not wrote:
        items.append(
            {
                "title": _("Écrire une première fiche"),
                "why": _("Racontez une action de votre structure : un quart d'heure suffit, au téléphone aussi."),
                "url": reverse("sheet-begin"),
                "button": _("Écrire une fiche"),
            }
        )
    return items


def told_waiting(*, returned: int, stale: int, answered: int) -> list[dict[str, str]]:
    """What the greeting counts, each leading to its rows (`components/choice.html`)."""
    told = (
        (returned, ngettext("%(n)d fiche à reprendre", "%(n)d fiches à reprendre", returned), "#en-cours"),
        (answered, ngettext("%(n)d question a sa réponse", "%(n)d questions ont une réponse", answered), "#reponses"),
        (stale, ngettext("%(n)d action à confirmer", "%(n)d actions à confirmer", stale), "#continuent"),
    )
    return [{"label": words % {"n": count}, "url": address} for count, words, address in told if count]


def told_answered(call: SheetCall) -> dict[str, str]:
    """A question of one's own that found answers (`components/entry.html`)."""
    return {
        "url": call.get_absolute_url(),
        "title": call.question,
        "text": "",
        "meta": "",
        "note": _count_answers(call),
    }


def told_asked(call: SheetCall) -> dict[str, str]:
    """A question of the network that waits for an answer (`components/entry.html`)."""
    note = _("%(asker)s, %(when)s") % {"asker": call.asker, "when": ago(call.created_at)}
    return {"url": call.get_absolute_url(), "title": call.question, "text": "", "meta": "", "note": note}


def news(sheet: Action, structures: Collection[int | None]) -> dict[str, str]:
    """A sheet that became public, for who writes for *structures*: theirs, or one that took up theirs."""
    assert sheet.published_at is not None
    when = ago(sheet.published_at)
    if sheet.structure_id not in structures and sheet.inspired_by:
        words = {"who": sheet.structure.name, "title": sheet.inspired_by.title, "when": when}
        note = _("« %(title)s », reprise par %(who)s, %(when)s") % words
    else:
        note = _("au catalogue, %(when)s") % {"when": when}
    return {"url": sheet.get_absolute_url(), "title": sheet.title, "text": "", "meta": "", "note": note}
