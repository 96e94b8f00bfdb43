"""Letters about the life of sheets, queued by the operation that they tell of."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.models import Action
from tisserand.messages import kinds
from tisserand.messages.links import public_address
from tisserand.messages.operations import queue
from tisserand.network.queries import writers_of

TAKEN_UP = kinds.register("actions.taken_up", _l("Une structure reprend une de vos fiches"), optional=True)


def tell_taken_up(copy: Action) -> None:
    """Tell those who write the original that a sheet which took it up is public; once for each of them."""
    original = copy.inspired_by
    if original is None:
        return
    words = {
        "title": original.title,
        "copy": copy.title,
        "who": copy.structure.name,
        "where": f" ({copy.structure.department})" if copy.structure.department else "",
        "sheet": public_address(reverse("action-short", args=[copy.pk])),
        "spread": public_address(reverse("action-spread", args=[original.pk])),
    }
    text = "\n\n".join(
        [
            _("Bonjour,"),
            _("%(who)s%(where)s publie une fiche inspirée de la vôtre, « %(title)s » : « %(copy)s ».") % words,
            _("La lire : %(sheet)s") % words,
            _("Toutes les reprises de la vôtre : %(spread)s") % words,
            original.network.name,
        ]
    )
    subject = _("Votre fiche « %(title)s » est reprise") % words
    for person in writers_of(original.network, original.structure):
        if person.pk == copy.created_by_id:
            continue
        queue(key=f"taken-up:{copy.pk}:{person.pk}", kind=TAKEN_UP, to=person.email, subject=subject[:300], text=text)
