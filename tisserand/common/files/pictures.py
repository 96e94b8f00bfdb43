"""Pictures made harmless and light: decoded, turned upright, made smaller, written anew with nothing but their dots.

What is written holds no place, no camera, no comment, and nothing that came behind or inside the file.
"""

import threading
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from tisserand.common.files.refusal import Unwelcome

READ = ("JPEG", "PNG", "WEBP")
LARGEST = 2_000  # px, of what is kept
THUMBNAIL = 800  # px
ON_PAPER = 1_200  # px
THUMBNAIL_BYTES = 45_000  # so that a page with one keeps within its weight
# What may be decoded. A plain JPEG is made smaller while it is decoded; the others are first held whole in memory.
MAX_PIXELS = {"PNG": 20_000_000, "WEBP": 12_000_000, "progressive": 20_000_000, "JPEG": 110_000_000}
MAX_SCANS = 30  # passes of a progressive JPEG: each is a decoding of the whole picture
THUMBNAILS = ((THUMBNAIL, 78), (THUMBNAIL, 60), (THUMBNAIL, 40), (560, 40), (400, 30))  # side in px, quality

Image.MAX_IMAGE_PIXELS = None  # our own bounds come first
_ONE_AT_A_TIME = threading.Lock()  # in a process: each may take a hundred megabytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: a JPEG, and a small WebP of it."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def made_safe(file: IO[bytes]) -> Picture:
    """Read a picture and write it anew.

    Raises:
        Unwelcome: it does not decode, or is too large to.
    """
    with _ONE_AT_A_TIME:
        try:
            return _rewritten(file)
        except Unwelcome:
            raise
        except Exception as error:  # a hostile file makes a decoder fail in ways that no list tells
            raise Unwelcome(_("Cette image est abîmée ou coupée. Essayez d'en refaire une copie.")) from error


def for_print(file: IO[bytes]) -> bytes:
    """A kept picture at the size that a sheet of paper shows."""
    with _ONE_AT_A_TIME, Image.open(file, formats=["JPEG"]) as picture:
        _on_dots(picture, ON_PAPER)
        picture.thumbnail((ON_PAPER, ON_PAPER))
        return _jpeg(picture)


def _rewritten(file: IO[bytes]) -> Picture:
    file.seek(0)
    with Image.open(file, formats=READ) as opened:
        _check_size(opened, file)
        # Smaller first, a plain JPEG while it is decoded: the rest then works on little.
        small = _on_dots(opened, LARGEST)
        small.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
        flat = _flat(ImageOps.exif_transpose(small))
    return Picture(_jpeg(flat), _thumbnail(flat), flat.width, flat.height)


def _on_dots(opened: Image.Image, largest: int) -> Image.Image:
    """The same picture, ready to be made smaller: a palette cannot, and a JPEG does while it is decoded."""
    # By its longest side: asked for a square, a long strip would be decoded whole.
    shrink = min(1.0, 2 * largest / max(opened.size))
    opened.draft(None, (max(1, int(opened.width * shrink)), max(1, int(opened.height * shrink))))
    if opened.mode not in {"1", "P", "PA"}:
        return opened
    return opened.convert("RGBA" if opened.has_transparency_data else "RGB")


def _check_size(opened: Image.Image, file: IO[bytes]) -> None:
    # A phone may write several pictures in one JPEG ("MPO"): the first one is read.
    kind = {"MPO": "JPEG"}.get(opened.format or "", opened.format or "")
    if opened.info.get("progressive"):
        kind = "progressive"
    if opened.width * opened.height > MAX_PIXELS[kind]:
        raise Unwelcome(_("Cette image a trop de points. Enregistrez-la en plus petit."))
    if kind == "progressive" and _scans(file) > MAX_SCANS:
        raise Unwelcome(_("Cette image est abîmée ou coupée. Essayez d'en refaire une copie."))


def _scans(file: IO[bytes]) -> int:
    """How many passes a JPEG announces."""
    place = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(place)
    return content.count(b"\xff\xda")


def _flat(picture: Image.Image) -> Image.Image:
    """The dots alone, on white where one saw through."""
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    bare = Image.new("RGB", picture.size)
    bare.paste(picture.convert("RGB"))
    return bare


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def _thumbnail(picture: Image.Image) -> bytes:
    """A small copy; a picture full of details loses some rather than weigh."""
    small, made = picture.copy(), b""
    for side, quality in THUMBNAILS:
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = BytesIO()
        small.save(out, "WEBP", quality=quality, method=4)
        made = out.getvalue()
        if len(made) <= THUMBNAIL_BYTES:
            break
    return made
