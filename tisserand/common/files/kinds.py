"""What a file is, read in the file: its name and what the browser says of it count for nothing."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.common.files.archives import ArchiveRefused, check_archive
from tisserand.common.files.refusal import Unwelcome


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is kept. `extension` names it for who downloads it."""

    extension: str
    label: str | Promise
    content_type: str

    @property
    def is_picture(self) -> bool:
        """Whether it is decoded and written anew before it is kept."""
        return self.extension == "jpg"


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
KINDS = {
    kind.extension: kind
    for kind in (
        Kind("jpg", _l("Photo"), "image/jpeg"),
        Kind("pdf", _l("PDF"), "application/pdf"),
        Kind("odt", _l("Texte ODT"), f"{_ODF}.text"),
        Kind("ods", _l("Tableau ODS"), f"{_ODF}.spreadsheet"),
        Kind("odp", _l("Diaporama ODP"), f"{_ODF}.presentation"),
        Kind("docx", _l("Texte DOCX"), f"{_OOXML}.wordprocessingml.document"),
        Kind("xlsx", _l("Tableau XLSX"), f"{_OOXML}.spreadsheetml.sheet"),
        Kind("pptx", _l("Diaporama PPTX"), f"{_OOXML}.presentationml.presentation"),
    )
}
_OF_ODF = {KINDS[name].content_type: KINDS[name] for name in ("odt", "ods", "odp")}
_OF_OOXML = {
    f"{_OOXML}.wordprocessingml.document.main+xml": KINDS["docx"],
    f"{_OOXML}.spreadsheetml.sheet.main+xml": KINDS["xlsx"],
    f"{_OOXML}.presentationml.presentation.main+xml": KINDS["pptx"],
}
_HEAD = 1024
_INDEX_BYTES = 1_000_000  # of the part of an archive that says what the others are
_END = 22  # bytes: the last record of an archive without a comment
# What a browser, were it to guess, would take for a page.
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|img|\?xml|\?php)", re.IGNORECASE)
# Names long enough that compressed pictures never spell them by chance, as they would `/JS`.
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|SubmitForm|GoToE)\b")
_HEXED = re.compile(rb"#([0-9A-Fa-f]{2})")  # `/L#61unch` is another spelling of `/Launch`
_STREAM = re.compile(rb"stream\r?\n")
_UNPACKED_BYTES = 50_000_000
_TIMES_READ = 4  # the packed objects of an honest PDF are read once: they do not lie inside one another
# Parts that run, or hold what runs.
_ACTIVE_PART = re.compile(
    r"vbaproject|vbadata|activex|oleobject|(?:^|/)(?:basic|scripts|dialogs)/"
    r"|\.(?:exe|dll|js|vbs|jar|bat|ps1|scr|lnk|hta|cmd|msi|com|html?|mht)$",
    re.IGNORECASE,
)
_ACTIVE_WORDS = re.compile(  # in the parts of a document: what calls a program, or fetches from elsewhere
    rb"vnd\.sun\.star\.script|script:event-listener|\bof:=DDE\(|<ddeLink|DDEAUTO"
    rb"""|<Relationship\b(?=[^<>]*TargetMode\s*=\s*["']External)(?![^<>]*/hyperlink["'])""",
    re.IGNORECASE,
)
_PROGRAMS = (b"MZ", b"\xd0\xcf\x11\xe0", b"\x7fELF")
_ACTIVE_TYPE = re.compile(r"macroenabled|vbaproject|activex|oleobject", re.IGNORECASE)


def recognise(file: IO[bytes]) -> Kind:
    """What a file is, by its content.

    Raises:
        Unwelcome: it is none of what is kept, or it is something else besides.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return KINDS["jpg"]
    if re.match(rb"%PDF-[12]\.\d", head):
        _check_pdf(file, head)
        return KINDS["pdf"]
    if head.startswith(b"PK\x03\x04"):
        return _office(file)
    if head[4:8] == b"ftyp":
        raise Unwelcome(
            _(
                "Ce format de photo (HEIC, AVIF) ou de film n'est pas lu partout. Envoyez une photo en JPEG : sur un "
                "iPhone, Réglages, Appareil photo, Formats, « Le plus compatible »."
            )
        )
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unwelcome(_("C'est un ancien format d'Office, ou un document protégé. Enregistrez-le en PDF."))
    raise Unwelcome(
        _(
            "Ce fichier n'est pas de ceux que l'on garde : photo JPEG, PNG ou WebP, PDF, document ODT, ODS, ODP, DOCX, "
            "XLSX ou PPTX."
        )
    )


def _check_pdf(file: IO[bytes], head: bytes) -> None:
    size = file.seek(0, 2)
    file.seek(max(0, size - _HEAD))
    whole = b"%%EOF" in file.read()
    if not whole:
        raise Unwelcome(_("Ce PDF est coupé. Essayez d'en refaire une copie."))
    file.seek(0)
    if _MARKUP.search(head) or zipfile.is_zipfile(file):
        raise Unwelcome(_("Ce PDF contient autre chose qu'un PDF. Imprimez-le en PDF, et envoyez ce nouveau fichier."))
    file.seek(0)
    content = file.read()
    if any(_ACTIVE_PDF.search(_spelt(part)) for part in (content, *_packed(content))):
        raise Unwelcome(_("Ce PDF contient un programme. Imprimez-le en PDF, et envoyez ce nouveau fichier."))


def _spelt(content: bytes) -> bytes:
    """The names of a PDF in their plain spelling."""
    return _HEXED.sub(lambda found: bytes([int(found[1], 16)]), content)


def _packed(content: bytes) -> Iterator[bytes]:
    """What the compressed objects of a PDF hold, up to a bound; what cannot be unpacked is no object.

    Raises:
        Unwelcome: they lie inside one another, which would take for ever to read.
    """
    view, left, budget, end = memoryview(content), _UNPACKED_BYTES, _TIMES_READ * len(content), 0
    at = content.find(b"/ObjStm")
    while at >= 0 and left > 0 and (found := _STREAM.search(content, at)):
        if end < found.end():
            end = content.find(b"endstream", found.end())
            end = len(content) if end < 0 else end
        budget -= end - found.end()
        if budget < 0:
            raise Unwelcome(_("Ce PDF est abîmé. Imprimez-le en PDF, et envoyez ce nouveau fichier."))
        with suppress(zlib.error):
            part = zlib.decompressobj().decompress(view[found.end() : end], left)
            left -= len(part)
            yield part
        at = content.find(b"/ObjStm", found.end())


def _office(file: IO[bytes]) -> Kind:
    again = _("Ouvrez-le et enregistrez-le à nouveau, ou en PDF.")
    try:
        entries = check_archive(file)
    except ArchiveRefused as refused:
        cut = refused.unpacked is None
        why = _("Ce document est abîmé ou coupé.") if cut else _("Une fois ouvert, ce document serait démesuré.")
        raise Unwelcome(f"{why} {again}") from refused
    _check_frame(file, entries)
    try:
        with zipfile.ZipFile(file) as archive:
            kind = _odf(archive, entries) or _ooxml(archive)
            _check_parts(archive, entries)
    except (KeyError, ValueError, NotImplementedError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise Unwelcome("{} {}".format(_("Ce document est abîmé ou coupé."), again)) from error
    if kind is None:
        raise Unwelcome(_("Cette archive n'est pas un document que l'on garde. Enregistrez-le en PDF."))
    return kind


def _check_frame(file: IO[bytes], entries: list[zipfile.ZipInfo]) -> None:
    """Refuse what stands around the archive, what hides in it, and what runs."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END))
    end = file.read()
    names = [entry.filename for entry in entries]
    strange = (name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    if not end.startswith(b"PK\x05\x06") or len(set(names)) < len(names) or any(strange):
        raise Unwelcome(_("Ce document contient autre chose qu'un document. Enregistrez-le en PDF."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unwelcome(_("Ce document est protégé par un mot de passe : personne ne pourrait le lire."))
    if any(_ACTIVE_PART.search(name) for name in names):
        raise _runs()


def _check_parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse a part that is a program, and words that call one. The sizes were bounded before."""
    for entry in entries:
        with archive.open(entry) as part:
            content = part.read()
        if content.startswith(_PROGRAMS) or _ACTIVE_WORDS.search(content):
            raise _runs()


def _runs() -> Unwelcome:
    return Unwelcome(_("Ce document contient des macros ou des objets actifs. Enregistrez-le sans, ou en PDF."))


def _odf(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Kind | None:
    names = {entry.filename for entry in entries}
    first = entries[0] if entries else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return None
    if not {"content.xml", "META-INF/manifest.xml"} <= names:
        return None
    with archive.open(first) as part:
        return _OF_ODF.get(part.read(100).decode("ascii", "replace"))


def _ooxml(archive: zipfile.ZipFile) -> Kind | None:
    if "[Content_Types].xml" not in archive.namelist():
        return None
    with archive.open("[Content_Types].xml") as part:
        index = part.read(_INDEX_BYTES).decode("utf-8-sig")
    if "<!" in index:  # nothing writes entities there but to hide something
        return None
    try:
        types = {one.get("ContentType", "") for one in ElementTree.fromstring(index)}  # noqa: S314 - no entity is left
    except ElementTree.ParseError:
        return None
    if any(_ACTIVE_TYPE.search(one) for one in types):
        raise _runs()
    found = [kind for name, kind in _OF_OOXML.items() if name in types]
    return found[0] if len(found) == 1 else None
