"""Compile the catalogues of the interface; used by the build, so it needs only Babel.

French is the source language and needs no translation, but printing needs its spaces and apostrophes:
its catalogue is made by rule from the strings of the English one.
"""

import importlib.util
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> None:
    """Write `en` and `fr` `.mo` files under *folder*."""
    with (folder / "en/LC_MESSAGES/django.po").open("rb") as file:
        english = read_po(file, locale="en")
    _write(english, folder / "en/LC_MESSAGES/django.mo")
    _write(french(english, _typo_markup(folder)), folder / "fr/LC_MESSAGES/django.mo")


def french(source: Catalog, typo: Callable[[str], str]) -> Catalog:
    """The French catalogue: every string as it is printed."""
    made = Catalog(locale="fr")
    for message in source:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        printed = tuple(typo(one) for one in ids)
        # One that counts is always kept: this catalogue is what knows that zero is singular in French.
        if printed != ids or len(ids) > 1:
            made.add(message.id, printed if len(ids) > 1 else printed[0], context=message.context, flags=message.flags)
    return made


def _typo_markup(folder: Path) -> Callable[[str], str]:
    """The typographer, loaded by its file: the package itself needs Django, which a build does not have."""
    path = folder.parent / "common" / "typography.py"
    spec = importlib.util.spec_from_file_location("tisserand_typography", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rule: Callable[[str], str] = module.typo_markup
    return rule


def _write(catalog: Catalog, path: Path) -> None:
    buffer = BytesIO()
    write_mo(buffer, catalog)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != buffer.getvalue():
        path.write_bytes(buffer.getvalue())


def missing(catalog: Catalog) -> list[Message]:
    """Messages without a translation, or with one that is only half there."""
    return [m for m in catalog if m.id and (not m.string or (isinstance(m.string, tuple) and not all(m.string)))]
