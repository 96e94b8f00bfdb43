"""From bytes to lines of text: UTF-8, UTF-16 and Windows-1252, whatever the newlines."""

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from tisserand.actions.imports.records import FileRefused

CHUNK = 1 << 20
MAX_LINE = 1_000_000  # characters: a longer "line" is not a text that people wrote
# Bytes that Windows-1252 leaves without a meaning.
_UNDEFINED_1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f")


def detect_encoding(path: Path) -> str:
    """Name the codec of a text file, reading it once in small pieces.

    Raises:
        FileRefused: empty, binary, cut in the middle of a character, or in an encoding that is not read.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileRefused(_("Le fichier est vide. Vérifiez que c'est le bon, et qu'il a été enregistré."))
    with path.open("rb") as file:
        head = file.read(4096)
    wide = _utf16(head, size)
    if wide:
        return wide
    valid, controls, undefined = _survey(path)
    if controls:
        raise FileRefused(_("Ce fichier n'est ni un texte ni un tableau. Déposez un TXT, CSV, XLSX, ODS ou JSON."))
    if valid == "yes":
        return "utf-8-sig"
    if valid == "cut":
        line = _count_lines(path)
        raise FileRefused(
            _("Le fichier est coupé au milieu d'un caractère, à la ligne %(line)d. Téléchargez-le à nouveau.")
            % {"line": line},
            line=line,
        )
    if _is_nearly_utf8(path):
        raise FileRefused(_("Ce texte est en UTF-8, mais quelques octets y sont abîmés. Reprenez l'original."))
    if undefined:
        raise FileRefused(
            _("L'encodage du fichier n'est pas reconnu. Enregistrez-le en « CSV UTF-8 » ou en texte UTF-8, ou en XLSX.")
        )
    return "cp1252"


def _utf16(head: bytes, size: int) -> str:
    """The UTF-16 flavour of a file, from its mark or from the place of its zeros."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if size % 2 or len(head) < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _survey(path: Path) -> tuple[str, bool, bool]:
    """(is it UTF-8: yes, no or cut at the end; has it control bytes; has it bytes unknown to 1252)."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    valid, controls, undefined = "yes", False, False
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            controls = controls or len(chunk.translate(None, _CONTROLS)) != len(chunk)
            undefined = undefined or len(chunk.translate(None, _UNDEFINED_1252)) != len(chunk)
            if valid == "yes":
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid = "no"
    if valid == "yes":
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            valid = "cut"
    return valid, controls, undefined


def _is_nearly_utf8(path: Path) -> bool:
    """Whether the accents of a text read as UTF-8 but for a few: another encoding would spoil them all."""
    good = bad = 0
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        while chunk := file.read(CHUNK):
            lost = chunk.count("\ufffd")
            bad += lost
            good += sum(not char.isascii() for char in chunk) - lost
    return good > 4 * bad


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return 1 + sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))


def lines(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a text file without their newlines (CR LF, CR or LF, mixed or not).

    Raises:
        FileRefused: a line of over a million characters, or UTF-16 that breaks off.
    """
    rest = ""
    number = 0
    with path.open("rb") as raw:
        try:
            reader = io.TextIOWrapper(raw, encoding=encoding, newline="")
            while chunk := reader.read(CHUNK):
                if "\x00" in chunk:
                    raise FileRefused(
                        _("Ce fichier n'est ni un texte ni un tableau. Déposez un TXT, CSV, XLSX, ODS ou JSON."),
                        line=number + 1,
                    )
                # A CR at the end of a piece may be half of a CR LF: look one character further.
                if chunk.endswith("\r"):
                    chunk += reader.read(1)
                *whole, rest = (rest + chunk).replace("\r\n", "\n").replace("\r", "\n").split("\n")
                for line in whole:
                    number += 1
                    yield line
                if len(rest) > MAX_LINE:
                    raise FileRefused(
                        _(
                            "La ligne %(line)d dépasse un million de caractères : ce n'est pas un texte de fiches. "
                            "Vérifiez que c'est le bon fichier."
                        )
                        % {"line": number + 1},
                        line=number + 1,
                    )
        except UnicodeError as error:
            raise FileRefused(
                _("Le fichier se coupe ou change d'encodage après la ligne %(line)d. Reprenez l'original.")
                % {"line": number},
                line=number or None,
            ) from error
    if rest:
        yield rest


def ends_with_newline(path: Path, encoding: str) -> bool:
    """Whether the file ends as a whole text does."""
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), io.SEEK_END)
        tail = file.read()
    wide = encoding.startswith("utf-16")
    return tail.strip(b"\x00")[-1:] in (b"\n", b"\r") if wide else tail[-1:] in (b"\n", b"\r")


def first_character(path: Path, encoding: str) -> str:
    """The first character that is not a space, or an empty string."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(CHUNK).lstrip()[:1]
