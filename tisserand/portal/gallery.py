"""What the gallery of components is filled with: invented places and people, in every state of a component."""

import json
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.utils.safestring import mark_safe

SAMPLE = Path(__file__).parent / "gallery.json"


class SampleForm(forms.Form):
    """A form, to be bound to answers that need correcting."""

    action = forms.CharField(label="Action", help_text="Commencez à écrire, la liste se réduit.")
    date = forms.DateField(label="Date", help_text="Jour, mois, année. Par exemple 17/03/2026.")
    places = forms.IntegerField(label="Nombre de places", min_value=11)
    full = forms.ChoiceField(
        label="Si la séance est complète",
        choices=[("wait", "Ouvrir une liste d’attente"), ("close", "Fermer les inscriptions")],
        widget=forms.RadioSelect,
    )
    theme = forms.ChoiceField(label="Thème", choices=[("1", "Cuisine et santé"), ("2", "Jardins")])
    free = forms.BooleanField(label="La séance est gratuite", required=False)
    word = forms.CharField(label="Mot pour les participants", required=False, widget=forms.Textarea)


def gallery_sample() -> SimpleNamespace:
    """The content of the gallery, as its template reads it."""
    sample: SimpleNamespace = json.loads(
        SAMPLE.read_text(encoding="utf-8"), object_hook=lambda pairs: SimpleNamespace(**pairs)
    )
    sample.form = SampleForm(vars(sample.answers))
    sample.cloth.matrix = [[mark == "x" for mark in row] for row in sample.cloth.rows]
    sample.map.drawing = mark_safe(sample.map.drawing)  # noqa: S308 - from our own file
    return sample
