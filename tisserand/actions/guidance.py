"""The form of a sheet, for whoever writes one for the first time: its sections; for each field, help and an example."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Section:
    """A step of the form: its name in the address, its title, the fields that it asks."""

    slug: str
    title: str | Promise
    keys: tuple[str, ...]


SECTIONS = (
    Section("action", _("L'action"), ("title", "summary", "status", "ended_reason", "dimension", "keywords")),
    Section(
        "avec-qui",
        _("Avec qui, pour qui"),
        ("initiators", "initiator_detail", "territory", "public", "partners"),
    ),
    Section("deroulement", _("Comment elle se passe"), ("objectives", "description", "funding", "people")),
    Section("changements", _("Ce qu'elle change"), ("result_territory", "result_structure", "result_residents")),
    Section("suite", _("La suite"), ("limits", "perspectives")),
)
SECTION_OF = {key: section for section in SECTIONS for key in section.keys}


@dataclass(frozen=True, slots=True)
class Guide:
    """The help of a field and an invented example; closed lists need none."""

    help: str | Promise
    example: str | Promise = ""


GUIDES: dict[str, Guide] = {
    "title": Guide(
        _("Ce que vous en diriez à un voisin : quelques mots, sans sigle."),
        _("La cuisine du mercredi"),
    ),
    "summary": Guide(
        _("Deux ou trois phrases : quoi, pour qui, où. C'est ce que l'on lit en premier."),
        _(
            "Chaque mercredi, des parents et des enfants cuisinent dans la salle des Tilleuls, puis mangent à la même "
            "table. On vient quand on veut, sans s'inscrire."
        ),
    ),
    "status": Guide(_("Est-ce que cela se fait encore ?")),
    "ended_reason": Guide(
        _(
            "Seulement si elle est terminée : ce qui l'a arrêtée sert à qui voudrait la reprendre. La fiche ne le dit "
            "pas tant que son statut est « En cours »."
        ),
        _("La salle a fermé pour travaux, et aucune autre n'a de cuisine."),
    ),
    "dimension": Guide(_("Ce qu'elle est d'abord.")),
    "keywords": Guide(_("Deux ou trois suffisent : c'est par eux que d'autres trouveront la fiche.")),
    "initiators": Guide(_("Qui en a eu l'idée ? Plusieurs réponses sont possibles.")),
    "initiator_detail": Guide(
        _("Si cela aide : quel groupe, quel service."), _("Trois mères de l'école des Peupliers.")
    ),
    "territory": Guide(_("D'où viennent les personnes.")),
    "public": Guide(_("À qui elle s'adresse d'abord.")),
    "partners": Guide(_("Qui a donné du temps, un lieu ou de l'argent.")),
    "objectives": Guide(
        _("Pourquoi vous l'avez commencée, et ce que vous en attendiez."),
        _("Des familles disaient manger seules. Nous voulions une table où l'on ne soit l'invité de personne."),
    ),
    "description": Guide(
        _("Du début à la fin : qui fait quoi, quand, avec quoi. Quelqu'un d'ailleurs doit pouvoir le refaire."),
        _(
            "À 10 h, on regarde ce que l'épicerie a donné et on choisit le menu. Les enfants épluchent, un parent "
            "mène. On mange à 12 h 30 ; à 14 h, la salle est propre."
        ),
    ),
    "funding": Guide(
        _("Les montants et d'où ils viennent ; ce que l'on vous prête aussi."),
        _("1 200 € par an de la Caf, 300 € de la commune. La salle est prêtée."),
    ),
    "people": Guide(_("Qui mène, qui aide, combien."), _("1 animatrice, 4 bénévoles et une douzaine d'habitants.")),
    "result_territory": Guide(
        _("Autour de vous : le quartier, les partenaires."),
        _("L'épicerie et l'école se parlent chaque semaine, ce qu'elles ne faisaient pas."),
    ),
    "result_structure": Guide(
        _("Chez vous : les façons de faire, l'équipe, la place des habitants."),
        _("Deux parents sont entrés au conseil d'administration."),
    ),
    "result_residents": Guide(
        _("Ce que les personnes en disent, ce qu'elles font maintenant."),
        _("12 familles viennent souvent ; quatre gardent leurs enfants à tour de rôle."),
    ),
    "limits": Guide(
        _("Ce qui coince, ce que vous feriez autrement. Les autres structures le cherchent."),
        _("Sans voiture, les familles des hameaux ne viennent pas."),
    ),
    "perspectives": Guide(
        _("La suite, si tout va bien."),
        _("Une cuisine sur roues, pour aller dans deux hameaux au printemps."),
    ),
}
