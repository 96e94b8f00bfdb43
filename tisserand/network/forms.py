"""The form of a structure."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tisserand.network.models import Structure


class StructureForm(forms.ModelForm):
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
