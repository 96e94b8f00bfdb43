"""How each field of a sheet is asked: texts kept to the last character, closed lists by what is quickest to tick."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.defaultfilters import capfirst
from django.utils.translation import gettext as _

from tisserand.actions.enums import Facet
from tisserand.actions.fields import Field
from tisserand.actions.operations.life import NEEDED
from tisserand.actions.vocabulary import is_over

FEW = 8  # values of a list that is still read at a glance
SHORT = {"ended_reason", "initiator_detail", "funding", "people"}


class OneOf(forms.ChoiceField):
    """One value of a closed list or none, given and taken as the list that a sheet keeps."""

    def prepare_value(self, value: Any) -> Any:
        """What the widget shows."""
        return next(iter(value), "") if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The list of the sheet."""
        label = super().clean(self.prepare_value(value))
        return [label] if label else []


class Statuses(forms.RadioSelect):
    """The statuses; those of an action that is over are marked: with them `team.css` shows the field that asks why."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The option, marked or not."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"data-over": True} if is_over([str(value)]) else {}
        return option


def _closed(field: Field, labels: list[str], held: list[str]) -> forms.ChoiceField:
    """A closed list: boxes where several go together, or already stand; round buttons for one of a few."""
    choices = [(label, capfirst(label)) for label in labels]
    if field.kind == "choices" or len(held) > 1:
        return forms.MultipleChoiceField(
            label=str(field.label), choices=choices, widget=forms.CheckboxSelectMultiple, required=False
        )
    few = Statuses if field.facet == Facet.STATUS else forms.RadioSelect
    widget = few if len(choices) <= FEW else forms.Select
    return OneOf(label=str(field.label), choices=[("", _("Non précisé")), *choices], widget=widget, required=False)


class KeptText(forms.CharField):
    """Text kept to the last character; browsers send CR LF, which is not what was typed.

    Empty is welcome: what a sheet must say is asked when it is proposed, not while it is written.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, **kwargs})

    def to_python(self, value: Any) -> str:
        """Give back the newlines as they were."""
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def validate(self, value: Any) -> None:
        """Leave it to the operation."""


def input_of(field: Field, labels: Mapping[str, list[str]], held: Any) -> forms.Field:
    """How a field is asked."""
    if field.facet:
        return _closed(field, labels.get(str(field.facet), []), held)
    needed = field.key in NEEDED
    if field.kind == "name":
        return KeptText(label=str(field.label), required=needed)
    area = forms.Textarea(attrs={"rows": 3 if field.key in SHORT else 7})
    if field.key == "ended_reason":
        area.attrs["placeholder"] = " "  # by it `team.css` knows that nothing is written there
    return KeptText(label=str(field.label), required=needed, widget=area)
