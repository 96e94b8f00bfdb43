"""Forms of the team."""

import secrets
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.enums import FactState, Period
from tisserand.actions.fields import BY_KEY, mark
from tisserand.actions.guidance import GUIDES, Section
from tisserand.actions.inputs import FEW, input_of
from tisserand.actions.models import Action, Attachment, Fact, Term
from tisserand.actions.operations.attachments import mark_of
from tisserand.actions.operations.facts import Decision
from tisserand.actions.operations.life import NO_TITLE
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.operations.writing import LONGEST
from tisserand.common.text import number_in
from tisserand.network.queries import Place


def new_token() -> str:
    """A token for a form that must act once however often it is sent."""
    return secrets.token_hex(16)


class DepositForm(forms.Form):
    """Depositing a file of sheets."""

    file = forms.FileField(
        label=_l("Fichier de fiches"),
        help_text=_l("Texte publié, CSV, XLSX, ODS ou JSON ; 50 Mo au plus."),
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.csv,.xlsx,.ods,.json"}),
    )
    as_draft = forms.BooleanField(
        label=_l("Garder en brouillon"),
        help_text=_l("Sans cela, tout le monde lit les fiches dès qu'elles sont enregistrées."),
        required=False,
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_token)

    def clean_file(self) -> Any:
        """Refuse what is too large before reading it."""
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise ValidationError(_("Ce fichier dépasse 50 Mo. Coupez-le, ou demandez un import en ligne de commande."))
        return file


class PlacedForm(forms.Form):
    """A form that begins something for a structure, asked for when there are several; a double click is one click."""

    place = forms.ChoiceField(label=_l("Pour quelle structure ?"))
    token = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_token)

    def __init__(self, data: QueryDict | None = None, *, places: Iterable[Place], **initial: Any) -> None:
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.places = {place.key: place for place in places}
        several = len({place.network.pk for place in self.places.values()}) > 1
        choices = [(key, f"{one} · {one.network.name}" if several else str(one)) for key, one in self.places.items()]
        asked = self.fields["place"]
        assert isinstance(asked, forms.ChoiceField)
        asked.choices = choices
        if len(choices) == 1:
            asked.widget = forms.HiddenInput()
            asked.initial = choices[0][0]
        elif len(choices) <= FEW:
            asked.widget = forms.RadioSelect(choices=choices)

    def chosen(self) -> Place:
        """Where it is begun."""
        return self.places[self.cleaned_data["place"]]


class BeginForm(PlacedForm):
    """Beginning a sheet: its title, and for which structure when there are several."""

    title = forms.CharField(
        label=_l("Titre de la fiche"),
        help_text=GUIDES["title"].help,
        max_length=LONGEST["name"],
        error_messages={"required": NO_TITLE},
    )


class SectionForm(forms.Form):
    """One section of a sheet under way; what its lists hold is shown whole, to tick.

    `bases` holds, by key, the mark of what the person was reading (see `write_field`), sent back beside each field.
    `clashes` holds what someone else wrote in the fields where both wrote.
    """

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action, section: Section) -> None:
        self.section = section
        self.held = {key: value for key, value in action.content().items() if key in section.keys}
        super().__init__(data, initial=self.held, use_required_attribute=False)
        self.bases = {key: mark(value) for key, value in self.held.items()}
        if data is not None:
            self.bases = {key: data.get(f"base-{key}", "") for key in section.keys}
        self.clashes: dict[str, Any] = {}
        labels = self._labels(action)
        for key in section.keys:
            self.fields[key] = input_of(BY_KEY[key], labels, self.held[key])
            self.fields[key].help_text = str(GUIDES[key].help)

    def _labels(self, action: Action) -> dict[str, list[str]]:
        """The values that each list offers: those of the network, and what the sheet holds already."""
        keys = {str(facet): key for key in self.section.keys if (facet := BY_KEY[key].facet)}
        labels: dict[str, list[str]] = {}
        for term in Term.objects.filter(network=action.network_id, facet__in=keys) if keys else ():
            if term.verified or term.label in self.held[keys[term.facet]]:
                labels.setdefault(term.facet, []).append(term.label)
        return labels

    def settle(self, choice: str) -> None:
        """Take the choice made of two texts (`key:which:mark`): mine, theirs or both; it is written over that mark."""
        key, _colon, rest = choice.partition(":")
        which, _colon, base = rest.partition(":")
        if key not in self.cleaned_data:
            return
        if which == "theirs":
            del self.cleaned_data[key]
            return
        if which == "both":
            self.cleaned_data[key] = both(self.cleaned_data[key], self.held[key])
        self.bases[key] = base

    def again(self, action: Action, refused: Mapping[str, ValidationError | EditedMeanwhile]) -> "SectionForm":
        """The same form on the sheet as it is now; what was not kept stands as it was typed, told beside its field."""
        values = action.content()
        wrong = {*refused, *self.errors}
        data = {key: self[key].data if key in wrong else values[key] for key in self.section.keys}
        data |= {f"base-{key}": self.bases[key] if key in wrong else mark(values[key]) for key in self.section.keys}
        form = SectionForm(data, action=action, section=self.section)
        for key, error in refused.items():
            if isinstance(error, EditedMeanwhile):
                form.clashes[key] = error.theirs
            else:
                form.add_error(key, error.messages)
        return form


def both(mine: Any, theirs: Any) -> Any:
    """Two answers in one field, to mend by hand."""
    if isinstance(mine, list):
        return list(dict.fromkeys([*theirs, *mine]))
    return "\n\n".join(text for text in (theirs, mine) if text.strip())


class Choice(TextChoices):
    """What a person may say of a number."""

    ACCEPT = "accept", _l("Retenir")
    CORRECT = "correct", _l("Corriger")
    DISMISS = "dismiss", _l("Écarter")
    LATER = "later", _l("Plus tard")


CHOICE_OF = {
    FactState.PENDING: Choice.LATER, FactState.ACCEPTED: Choice.ACCEPT, FactState.DISMISSED: Choice.DISMISS,
}  # fmt: skip
STATE_OF = {choice: state for state, choice in CHOICE_OF.items()} | {Choice.CORRECT: FactState.ACCEPTED}


class FactForm(forms.Form):
    """What someone says of one number. Its correction is only read when they chose to correct it."""

    choice = forms.ChoiceField(choices=Choice.choices, widget=forms.RadioSelect)
    low = forms.DecimalField(
        label=_l("Nombre"),
        max_digits=14,
        decimal_places=2,
        error_messages={"required": _l("Écrivez le nombre.")},
    )
    high = forms.DecimalField(
        label=_l("Jusqu'à"),
        help_text=_l("Pour une fourchette, comme 10 à 12."),
        max_digits=14,
        decimal_places=2,
        required=False,
    )
    label = forms.CharField(label=_l("De quoi, ou de qui"), max_length=100, required=False)
    period = forms.ChoiceField(label=_l("Période"), choices=Period.choices, required=False)

    def __init__(self, data: QueryDict | None, *, fact: Fact) -> None:
        low, high = _plain(fact.low), _plain(fact.high)
        initial = {
            "choice": CHOICE_OF[FactState(fact.state)],
            "low": low,
            "high": None if high == low else high,
            "label": fact.label,
            "period": fact.period,
        }
        super().__init__(data, initial=initial, prefix=f"nombre-{fact.pk}", use_required_attribute=False)

    def full_clean(self) -> None:
        """Read the answers; what is wrong in a correction that was not chosen is nobody's mistake."""
        super().full_clean()
        if self.is_bound and self.cleaned_data.get("choice") != Choice.CORRECT:
            self.errors.clear()

    def clean(self) -> dict[str, Any]:
        """Put a range in order or say that it is not."""
        data = super().clean() or {}
        low, high = data.get("low"), data.get("high")
        if low is not None and high is not None and high < low:
            self.add_error("high", _("Ce nombre est plus petit que le premier : %(low)s.") % {"low": low})
        if low is not None and low < 0:
            self.add_error("low", _("Un nombre n'est pas négatif ici."))
        return data

    def decision(self) -> Decision:
        """What to write."""
        data = self.cleaned_data
        choice = Choice(data["choice"])
        if choice != Choice.CORRECT:
            return Decision(STATE_OF[choice])
        return Decision(FactState.ACCEPTED, data["low"], data["high"], data["label"], data["period"])


class FactForms:
    """The numbers of a sheet in one form.

    `opened` tells in which state the person read each of them: what they did not touch is not decided again, and what
    they did not see is not decided at all.
    """

    def __init__(self, facts: Iterable[Fact], data: QueryDict | None = None) -> None:
        self.facts = {fact.pk: fact for fact in facts}
        self.forms = {pk: FactForm(data, fact=fact) for pk, fact in self.facts.items()}
        told = data.get("opened", "") if data else ""
        self.opened = told or " ".join(f"{pk}:{fact.state}" for pk, fact in self.facts.items())
        parts = (part.partition(":") for part in told.split())
        self._states = {number_in(pk): state for pk, _colon, state in parts}

    def wrong(self) -> list[FactForm]:
        """The answers to correct."""
        return [form for form in self.forms.values() if form.errors]

    def gone(self) -> int:
        """How many numbers left while they were read: someone changed their text."""
        return len(self._states.keys() - self.forms.keys())

    def decisions(self, *, everything: bool = False) -> dict[int, Decision]:
        """What to write, by number; *everything*: what is left for later is accepted."""
        seen = [(pk, form, form.cleaned_data.get("choice")) for pk, form in self.forms.items() if pk in self._states]
        decided = {
            pk: form.decision()
            for pk, form, choice in seen
            if choice and (choice == Choice.CORRECT or STATE_OF[Choice(choice)] != self._states[pk])
        }
        if everything:
            left = [pk for pk, _form, choice in seen if choice == Choice.LATER]
            decided |= {pk: Decision(FactState.ACCEPTED) for pk in left}
        return decided


def _plain(number: Decimal) -> Decimal | int:
    """`65` rather than `65.00`, as a person would type it."""
    return int(number) if number == int(number) else number


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class UploadForm(forms.Form):
    """Pictures and documents to add; each file is looked into by itself (`operations.attachments`)."""

    deposit = forms.FileField(
        label=_l("Photos et documents"),
        help_text=_l(
            "Photo JPEG, PNG ou WebP, PDF, document ODT, ODS, ODP, DOCX, XLSX ou PPTX. Plusieurs à la fois ; 20 Mo au "
            "plus pour chacun, 50 Mo pour un envoi."
        ),
        widget=_Several(
            attrs={"accept": "image/jpeg,image/png,image/webp,.pdf,.odt,.ods,.odp,.docx,.xlsx,.pptx", "multiple": True}
        ),
    )


class DescribeForm(forms.Form):
    """What one file is: the title of a document; of a picture what one sees, and whether those who are on it agree."""

    title = forms.CharField(label=_l("Titre du document"), error_messages={"required": _l("Donnez un titre.")})
    alt = forms.CharField(
        label=_l("Que voit-on sur la photo ?"),
        help_text=_l("Une phrase, comme au téléphone : « Six personnes plantent des salades ». Sans noms."),
        error_messages={"required": _l("Dites en quelques mots ce que l'on voit : des personnes l'écoutent.")},
    )
    credit = forms.CharField(label=_l("De qui est-ce ?"), help_text=_l("Imprimé à côté."), required=False)
    agreed = forms.BooleanField(
        label=_l(
            "Les personnes que l'on peut reconnaître sont d'accord, ou il n'y en a pas : la photo peut être publique."
        ),
        required=False,
    )
    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, data: QueryDict | None = None, *, attachment: Attachment) -> None:
        self.attachment = attachment
        held = {key: getattr(attachment, key) for key in ("title", "alt", "credit")}
        held |= {"agreed": attachment.consent_at is not None, "base": mark_of(attachment)}
        super().__init__(data, initial=held, auto_id=f"id_{attachment.pk}_%s", use_required_attribute=False)
        for name in ("title",) if attachment.kind.is_picture else ("alt", "agreed"):
            del self.fields[name]

    def words(self) -> dict[str, Any]:
        """What to write."""
        return {"title": "", "alt": "", "agreed": False} | self.cleaned_data

    def tell(self, error: ValidationError) -> None:
        """Say beside each field what the operation refused."""
        for key, said in error.message_dict.items():
            self.add_error(key, said)

    def overtaken(self, theirs: Attachment) -> None:
        """Someone else wrote there meanwhile: saving again is a choice."""
        told, agreed = theirs.alt or theirs.title or _("rien"), theirs.consent_at is not None
        differs = "agreed" in self.fields and agreed != self.cleaned_data["agreed"]
        self.data = self.data.copy()
        self.data["base"] = mark_of(theirs)  # type: ignore[index]
        if differs:
            # The box is as they left it: nobody gives back without seeing it what someone has just taken away.
            self.data["agreed"] = "on" if agreed else ""  # type: ignore[index]
            noted = _("Entre-temps, quelqu'un a noté l'accord : la case est cochée.")
            taken = _("Entre-temps, quelqu'un a retiré l'accord : la case est décochée.")
            self.add_error("agreed", noted if agreed else taken)
        self.add_error(
            "alt" if theirs.kind.is_picture else "title",
            _("Quelqu'un a écrit entre-temps : « %(text)s ». Enregistrez de nouveau pour garder votre texte.")
            % {"text": told},
        )
