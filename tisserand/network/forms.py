"""Forms of networks and structures, and of the people who work there."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from tisserand.network.enums import Accent, RoleKind
from tisserand.network.models import Affiliation, Agreement, Controller, Network, Structure, User
from tisserand.network.operations import Terms
from tisserand.network.queries import Place
from tisserand.network.rules import Actor, kinds_granted_by


class Settings(forms.ModelForm):
    """What several people may change: only what was touched on the page counts, whatever changed since it was read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict[str, Any]:
        """What the person changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class NetworkForm(Settings):
    """How a network presents itself, and from which base it prints percentages."""

    class Meta:
        model = Network
        fields = ("name", "territory", "intro", "accent", "rate_from")
        widgets = {
            "name": forms.TextInput(),
            "intro": forms.Textarea(attrs={"rows": 4}),
            "accent": forms.RadioSelect(choices=Accent.choices),
        }
        help_texts = {
            "territory": _("Comme sur une affiche : un département, un pays, une agglomération."),
            "intro": _("Quelques phrases, en tête de la page d'accueil."),
            "accent": _("Celle des pages et des documents."),
            "rate_from": _(
                "Avec 20 : « 58 % » quand 24 structures ont répondu, « 11 sur 19 » quand elles sont 19. Sur peu de "
                "réponses, un pourcentage trompe."
            ),
        }


class StructureForm(Settings):
    """What people need to find and reach a structure."""

    website = forms.URLField(label=_("Site"), required=False, assume_scheme="https", max_length=200)

    class Meta:
        model = Structure
        fields = (
            "name", "kind", "about", "address", "postcode", "commune", "department", "phone", "email", "website",
        )  # fmt: skip
        widgets = {
            "about": forms.Textarea(attrs={"rows": 4}),
            "name": forms.TextInput(),
            "postcode": forms.TextInput(attrs={"inputmode": "numeric"}),
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class InOrder(forms.ModelForm):
    """The end comes after the beginning, said in words before the database says it in its own."""

    def clean(self) -> dict[str, Any]:
        """Compare what was typed, or what is kept."""
        data = super().clean() or {}
        starts, ends = data.get("starts", self.instance.starts), data.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", _("La fin vient après le début."))
        return data


class AffiliationForm(InOrder):
    """Since when a structure is a member, and until when."""

    class Meta:
        model = Affiliation
        fields = ("starts", "ends")
        widgets = {"starts": _day(), "ends": _day()}


class AgreementForm(InOrder):
    """What an agreement says of itself."""

    class Meta:
        model = Agreement
        fields = ("label", "signed_on", "starts", "ends")
        widgets = {"signed_on": _day(), "starts": _day(), "ends": _day()}

    def terms(self) -> Terms:
        """As the operations take it."""
        return Terms(**self.cleaned_data)


class EndForm(InOrder):
    """When an agreement ends."""

    class Meta:
        model = Agreement
        fields = ("ends",)
        widgets = {"ends": _day()}


class InviteForm(forms.Form):
    """Whom to invite, where, for what; one place is not asked."""

    email = forms.EmailField(
        label=_("Adresse e-mail"),
        help_text=_("Le lien pour entrer y est envoyé."),
        error_messages={"required": _("Écrivez l'adresse de la personne.")},
    )
    place = forms.ChoiceField(label=_("Où"))
    kind = forms.ChoiceField(
        label=_("Rôle"), widget=forms.RadioSelect, error_messages={"required": _("Choisissez un rôle.")}
    )

    def __init__(self, *args: Any, viewer: Actor, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.places = viewer, {place.key: place for place in places}
        self.fields["place"].choices = [(key, str(place)) for key, place in self.places.items()]
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
            self.initial["place"] = places[0].key
        # What is given in a network, and what is given in any of its structures: two questions, not one a place.
        samples = {(place.network.pk, place.structure is None): place for place in places}
        granted = {kind for place in samples.values() for kind in self._granted(place)}
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in RoleKind if kind in granted]

    def _granted(self, place: Place) -> tuple[RoleKind, ...]:
        return kinds_granted_by(self.viewer, place.network, place.structure)

    def clean(self) -> dict[str, Any]:
        """A role has its place: the network, or a structure."""
        data = super().clean() or {}
        place = self.places.get(data.get("place", ""))
        if place and "kind" in data and data["kind"] not in self._granted(place):
            self.add_error(
                "kind", _("Ce rôle ne se donne pas à cet endroit : choisissez-en un autre, ou un autre lieu.")
            )
        return data


class ControllerForm(forms.ModelForm):
    """Who answers for the personal data of a network."""

    class Meta:
        model = Controller
        fields = ("name", "address", "contact", "officer")
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}


class FindForm(forms.Form):
    """The address of an account."""

    email = forms.EmailField(
        label=_("Adresse e-mail du compte"), error_messages={"required": _("Écrivez l'adresse du compte.")}
    )


class RequestForm(forms.Form):
    """The day of someone's written request."""

    asked_on = forms.DateField(
        label=_("Reçue le"),
        help_text=_("Le jour où la personne vous a écrit. Vérifiez d'abord que c'est bien elle."),
        widget=_day(),
        error_messages={"required": _("Écrivez le jour de sa demande.")},
    )


class NewcomerForm(forms.ModelForm):
    """What someone without an account gives to take an invitation up."""

    password = forms.CharField(
        label=_("Mot de passe"),
        strip=False,
        help_text=_("12 caractères au moins. Une phrase que vous retenez convient très bien."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choisissez un mot de passe.")},
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, missing in (("first_name", _("Écrivez votre prénom.")), ("last_name", _("Écrivez votre nom."))):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = missing

    def clean(self) -> dict[str, Any]:
        """A password that does not hold the name or the address."""
        data = super().clean() or {}
        if "password" in data:
            someone = User(email=self.instance.email, **{k: data.get(k, "") for k in ("first_name", "last_name")})
            try:
                validate_password(data["password"], someone)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
