"""The form of a question to the network."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tisserand.actions.forms import PlacedForm
from tisserand.actions.inputs import KeptText
from tisserand.actions.models import SheetCall
from tisserand.actions.operations.calls import LONGEST

FIELDS = ("question", "text", "until")


class QuestionForm(forms.Form):
    """What is asked, and until when; the operation refuses the rest."""

    question = forms.CharField(
        label=_("Votre question"),
        help_text=_("Une ligne, comme à une collègue : « Qui fait quelque chose avec les pères ? »"),
        max_length=LONGEST["question"],
        error_messages={"required": _("Écrivez votre question : une ligne suffit.")},
    )
    text = KeptText(
        label=_("Pour préciser"),
        help_text=_("Le contexte, ce que vous avez déjà essayé."),
        max_length=LONGEST["text"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = forms.DateField(
        label=_("Jusqu'à quel jour"),
        help_text=_("Ensuite, elle se ferme seule."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def words(self) -> dict[str, Any]:
        """What to write."""
        return {key: self.cleaned_data[key] for key in FIELDS}


class CorrectForm(QuestionForm):
    """Saying it otherwise."""

    def __init__(self, data: QueryDict | None = None, *, call: SheetCall) -> None:
        super().__init__(data, initial={key: getattr(call, key) for key in FIELDS}, use_required_attribute=False)


class AskForm(PlacedForm, QuestionForm):
    """Asking, in the name of a structure, or of the network."""

    field_order = ("question", "text", "until", "place")
    place = forms.ChoiceField(label=_("Qui demande ?"))
