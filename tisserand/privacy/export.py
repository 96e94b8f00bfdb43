"""What is kept about a person, read from the rules: to look at, and to take away."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from itertools import chain, count
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tisserand.common.dates import hour, long_day
from tisserand.common.text import shorten
from tisserand.privacy import erasure
from tisserand.privacy.privacy import quotes
from tisserand.privacy.registry import ModelRules, Subject, Words, links_to_account, rules

_IN_MEMORY = 2 * 1024 * 1024  # bytes; a larger archive is written to a temporary file


@dataclass(frozen=True, slots=True)
class Kept:
    """A row: what people read of it (`told`), what is stored (`stored`, by the name of the field), and its name."""

    told: dict[str, str]
    stored: dict[str, Any]
    files: dict[str, FieldFile]  # by the label of the field
    name: str


@dataclass(slots=True)
class Section:
    """What is kept of one kind: the rows, why, how long, who reads it, and what is kept and not given."""

    key: str
    label: str
    why: list[str]
    how_long: list[str]
    seen_by: str
    secrets: list[str]
    rows: list[Kept] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """What is told of any row."""
        return list(dict.fromkeys(label for row in self.rows for label in row.told))

    def lines(self, names: dict[FieldFile, str]) -> list[list[tuple[str, str]]]:
        """The rows, in the order of the columns: words, and where the file is that they speak of."""
        found = [[(row.told.get(label, ""), row.files.get(label)) for label in self.columns] for row in self.rows]
        return [[(words, names.get(file, "") if file else "") for words, file in row] for row in found]


@dataclass(frozen=True, slots=True)
class Quote:
    """A text that anyone may read, and that names the person."""

    label: str
    title: str
    fields: list[str]
    path: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What an erasure does, in words.

    Attributes:
        gone: kinds that are deleted.
        nameless: kinds that stay without the person.
        kept: kinds that stay with a number, why, how long.
    """

    gone: list[str]
    nameless: list[str]
    kept: list[tuple[str, Words, Words]]


def fate() -> Fate:
    """What becomes of each kind when someone is erased."""
    gone, nameless, kept = [], [], []
    for one in _told_rules():
        words = one.theirs or one.label
        acts = {rule.on_erase: rule for rule in one.personal.values() if rule.finds}
        if "delete" in acts:
            gone.append(words)
        elif "detach" in acts:
            nameless.append(words)
        elif "keep" in acts:
            kept.append((str(words), acts["keep"].why, acts["keep"].kept))
    return Fate(_once(gone), _once(nameless), kept)


def _told_rules() -> list[ModelRules]:
    """Those of kinds that hold something personal, the account first."""
    kinds = [one for one in rules().values() if one.personal]
    return sorted(kinds, key=lambda one: one.model._meta.label != settings.AUTH_USER_MODEL)


def sections(subjects: Sequence[Subject]) -> list[Section]:
    """What is kept of a person, who may have several accounts; kinds of which there is nothing are left out."""
    made = (_section(model, subjects) for model in _told_rules())
    return [one for one in made if one.rows]


def _section(model: ModelRules, subjects: Sequence[Subject]) -> Section:
    theirs: dict[Any, set[str]] = {}  # by row, the fields that make it theirs
    for subject in subjects:
        for name, _rule, rows in erasure.found(model, subject):
            for pk in rows.values_list("pk", flat=True):
                theirs.setdefault(pk, set()).add(name)
    section = Section(
        key=model.model._meta.label,
        label=str(model.label),
        why=_once([rule.why for rule in model.personal.values()]),
        how_long=_once([rule.kept for rule in model.personal.values()]),
        seen_by=model.readers(_("vous")),
        secrets=[str(rule.name) for rule in model.personal.values() if rule.secret],
    )
    for row in model.model._base_manager.filter(pk__in=theirs).order_by("pk"):
        section.rows.append(_row(model, row, theirs[row.pk], {subject.number for subject in subjects}))
    return section


def _once(words: list[Words]) -> list[str]:
    return list(dict.fromkeys(map(str, words)))


def _row(model: ModelRules, row: models.Model, links: set[str], accounts: set[int | None]) -> Kept:
    """All of a row that is the person's; of one that they only had a hand in, that and what the app shows of it."""
    own = any(model.personal[name].on_erase == "delete" for name in links)
    names: dict[str, Words] = dict(model.shown)
    given = {*links, *(name for link in links for name in model.personal[link].gives)}
    for name, rule in model.personal.items():
        if not rule.secret and (name in given or (own and rule.finds is None)):
            names.setdefault(name, rule.name)
    values = {name: row.serializable_value(name) for name in names}
    stored = {name: str(value) if isinstance(value, FieldFile) else value for name, value in values.items()}
    told, files = {}, {}
    for name, label in names.items():
        if _is_plain(model, name) and values[name] not in (None, ""):
            to_account = links_to_account(model.model, name)
            told[str(label)] = _("vous") if to_account and values[name] in accounts else _told(row, name)
            if isinstance(values[name], FieldFile):
                files[str(label)] = values[name]
    return Kept({label: text for label, text in told.items() if text}, {"id": row.pk} | stored, files, str(row))


def _is_plain(model: ModelRules, name: str) -> bool:
    """Whether a value says something: not a code, nor that what is all theirs is theirs."""
    rule = model.personal.get(name)
    owns = rule is not None and rule.on_erase == "delete" and links_to_account(model.model, name)
    return not owns and not (rule is not None and rule.coded)


def _told(row: models.Model, name: str) -> str:
    """A value as people read it."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, datetime):
        moment = timezone.localtime(value)
        return _("%(day)s, %(hour)s") % {"day": long_day(moment), "hour": hour(moment)}
    if isinstance(value, date):
        return long_day(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder) if value else ""
    return "" if value is None else str(value)


def quotations(subjects: Sequence[Subject]) -> list[Quote]:
    """The public texts that name the person: only what anyone may read, since a name is what its owner says it is."""
    found: dict[tuple[str, str], Quote] = {}
    for subject in subjects:
        for model in _told_rules():
            for name, row in _quoting(model, subject):
                path = row.get_absolute_url()
                quote = found.setdefault((path, str(row)), Quote(str(model.label), str(row), [], path))
                quote.fields.append(str(model.personal[name].name))
    return list(found.values())


def _quoting(model: ModelRules, subject: Subject) -> Iterator[tuple[str, Any]]:
    if model.public is None:
        return
    for name in model.personal:
        column = model.model._meta.get_field(name)
        if isinstance(column, models.CharField | models.TextField) and column.editable:
            for row in model.public().filter(quotes(name, subject)):
                yield name, row


def archive(subjects: Sequence[Subject], *, address: Callable[[str], str]) -> IO[bytes]:
    """Everything in one ZIP: a page to read, the same as data, the files.

    Args:
        subjects: the person, by each of their accounts.
        address: makes the whole address of a path of this instance.
    """
    kinds = sections(subjects)
    texts = [replace(one, path=address(one.path)) for one in quotations(subjects)]
    names = _names(kinds)
    pages = [(kind, kind.lines(names)) for kind in kinds]
    context = {"made_at": timezone.localtime(), "sections": pages, "quotes": texts}
    made = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mes-donnees.html", render_to_string("privacy/export.html", context))
        file.writestr("mes-donnees.json", _data(kinds, texts, names))
        for one, name in names.items():
            with suppress(FileNotFoundError), one.open("rb") as content, file.open(name, "w") as copy:
                shutil.copyfileobj(content, copy)
    made.seek(0)
    return made


def _names(kinds: Iterable[Section]) -> dict[FieldFile, str]:
    """Where each file is in the archive, named by what it shows: one held twice is there once, a lost one nowhere."""
    names: dict[FieldFile, str] = {}
    taken: set[str] = set()
    for row in (row for kind in kinds for row in kind.rows):
        for one in row.files.values():
            path = PurePosixPath(str(one.name))
            stem = slugify(shorten(row.name.removesuffix(path.suffix), 60)) or path.stem
            free = (f"fichiers/{stem}{mark}{path.suffix}" for mark in chain([""], map("-{}".format, count(2))))
            if one not in names and one.storage.exists(str(one.name)):
                names[one] = next(name for name in free if name not in taken)
                taken.add(names[one])
    return names


def _data(kinds: Iterable[Section], texts: Iterable[Quote], names: dict[FieldFile, str]) -> str:
    data = {
        "made_at": timezone.now(),
        "files": {one.name: name for one, name in names.items()},
        "kinds": [
            {
                "kind": one.key,
                "label": one.label,
                "why": one.why,
                "how_long": one.how_long,
                "seen_by": one.seen_by,
                "not_given": one.secrets,
                "rows": [row.stored for row in one.rows],
            }
            for one in kinds
        ],
        "quoted_in": [asdict(one) for one in texts],
    }
    return json.dumps(data, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
