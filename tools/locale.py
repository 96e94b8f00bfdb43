"""`python -m tools.locale update|check|compile`: the strings of the interface, without GNU gettext.

update   read the strings of the code and templates into the English catalogue, then compile
check    fail if the catalogue is not complete and current
compile  write the `.mo` files
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from tools.catalogues import compile_catalogues, missing

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tisserand"
ENGLISH = PACKAGE / "locale/en/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None, "_l": None, "_n": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def extract() -> Catalog:
    """All strings of the interface, sorted by file."""
    catalog = Catalog(locale="en", project="Tisserand", charset="utf-8")
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]):
        if "migrations" in path.parts:
            continue
        source = path.read_text()
        if path.suffix == ".html":
            # Python reads the result: the indentation of the templates means nothing to it.
            source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).split("\n"))
        place = str(path.relative_to(ROOT))
        for _line, function, message, comments in extract_python(
            io.BytesIO(source.encode()), list(KEYWORDS), ["Translators:"], {}
        ):
            _add(catalog, function, message, place, comments)
    return catalog


def _add(catalog: Catalog, function: str, message: object, place: str, comments: list[str]) -> None:
    parts = message if isinstance(message, tuple) else (message,)
    spec = KEYWORDS[function]
    context = None
    if function.startswith(("pgettext", "npgettext")):
        context, parts = parts[0], parts[1:]
    count = 2 if spec and "n" in function[:2] else 1
    ids = tuple(part for part in parts[:count] if part)
    if len(ids) == count:
        # Places without line numbers: a moved line is not a change of the catalogue.
        found = ids if count == 2 else ids[0]
        catalog.add(found, locations=[(place, 0)], auto_comments=comments, context=context)


def update() -> Catalog:
    """The current catalogue: what the code says, with the translations already made."""
    fresh = extract()
    if ENGLISH.exists():
        with ENGLISH.open("rb") as file:
            known = read_po(file, locale="en")
        for message in fresh:
            held = known.get(message.id, message.context) if message.id else None
            # A sentence that lost its plural, or got one, is translated again.
            if held and held.string and isinstance(held.string, tuple) == message.pluralizable:
                message.string = held.string
    return fresh


def written(catalog: Catalog) -> bytes:
    """The file of a catalogue, the same for the same strings."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, sort_by_file=True, omit_header=True, include_lineno=False, width=110)
    header = b'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += b'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return header + buffer.getvalue()


def check() -> list[str]:
    """What is wrong with the catalogue, in words; nothing when it is complete and current."""
    catalog = update()
    wrong = [f"no English for: {message.id!r}" for message in missing(catalog)]
    if not ENGLISH.exists() or ENGLISH.read_bytes() != written(catalog):
        wrong.append("the catalogue is not current: run `make locale`")
    return wrong


def main() -> None:
    """Run the command given."""
    settings.configure(USE_I18N=True)
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "update":
        catalog = update()
        ENGLISH.write_bytes(written(catalog))
        compile_catalogues(PACKAGE / "locale")
        print(f"{len(catalog)} strings, {len(missing(catalog))} without English")
    elif command == "compile":
        compile_catalogues(PACKAGE / "locale")
    elif command == "check":
        wrong = check()
        print("\n".join(wrong[:40]) or "catalogue complete")
        sys.exit(bool(wrong))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
