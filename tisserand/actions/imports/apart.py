"""What a file holds and no field takes: kept with the sheet, and given back in every format.

A list of `{"label", "after", "text"}`: the label that it stood under, the field that it followed in the published text
(empty when it came from elsewhere), and the text.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from tisserand.actions.fields import FIELDS
from tisserand.common.tables.xlsx import CUT
from tisserand.common.text import fold

FILES = "Fichier(s) associé(s)"  # a label of the published form that no field takes
STRUCTURE = "Structure organisatrice"
_SUFFIX, _UNLABELLED = _("à vérifier"), _("Texte sans étiquette")
Extra = Mapping[str, str]


@cache
def known_headings() -> dict[str, str]:
    """Folded heading → key of the field, in code names, published labels and both languages of the screens."""
    known: dict[str, str] = {}
    for field in FIELDS:
        names = [field.key, field.published, *field.also]
        for language in ("fr", "en"):
            with override(language):
                names.append(str(field.label))
        for name in names:
            if name:
                known.setdefault(fold(name), field.key)
    return known


@cache
def _both(message: str) -> frozenset[str]:
    """A string of ours in both languages: a table may have been exported in either."""
    told = []
    for language in ("fr", "en"):
        with override(language):
            told.append(gettext(message))
    return frozenset(told)


def heading(label: str) -> str:
    """What a label is called in a table or beside other labels: never like a field."""
    if not label:
        return gettext(_UNLABELLED)
    return suffixed(label) if fold(label) in known_headings() else label


def suffixed(label: str) -> str:
    """A label that would otherwise be taken for one of the form."""
    return f"{label} ({gettext(_SUFFIX)})"


def label_of(heading: str) -> str:
    """Undo `heading`."""
    if heading in _both(_UNLABELLED):
        return ""
    for suffix in _both(_SUFFIX):
        bare = heading.removesuffix(f" ({suffix})")
        if bare != heading and (fold(bare) in known_headings() or bare == FILES):
            return bare
    return heading


def extra(label: str, text: str, *, after: str = "") -> dict[str, str]:
    """Something kept apart."""
    return {"label": label, "after": after or ("files" if label == FILES else ""), "text": text}


def by_label(extras: Iterable[Extra]) -> dict[str, str]:
    """What was kept apart, label by label, whatever it was kept after: a table does not say.

    A label without a text is kept and written again, but says nothing: a table cannot tell it from no label.
    """
    told: dict[str, list[str]] = {}
    for one in extras:
        if one["text"].strip():
            told.setdefault(_bare(one["label"]), []).append(one["text"])
    return {label: "\n".join(texts) for label, texts in told.items()}


def _bare(label: str) -> str:
    return "" if label == STRUCTURE else label


def differ(here: Iterable[Extra], file: Iterable[Extra]) -> bool:
    """Whether a file says something else under a label that it has; a label that it does not have says nothing."""
    known = by_label(here)
    return any(not same_text(known.get(label, ""), text) for label, text in by_label(file).items())


def merged(here: Iterable[Extra], file: list[dict[str, str]]) -> list[dict[str, str]]:
    """What is kept apart once a file was taken: its labels replace the same ones, the others stay."""
    told = by_label(file)
    return [dict(one) for one in here if _bare(one["label"]) not in told] + file


def same_text(here: str, file: str) -> bool:
    """Whether a text of a file is the one that is here, whole or cut by the limit of a spreadsheet."""
    return here == file or (file.endswith(CUT) and here.startswith(file.removesuffix(CUT)))
