"""The file of a backup: written whole or not at all, and read without trusting it."""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext as _

from tisserand.config.backup.switch import flush_folder

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.sqlite3"
KEY = "secret_key"
FILES = "files"

_CHUNK = 1024 * 1024
_FAST = 1  # gzip level: 3 times quicker than the usual 6, for a few more bytes (docs/performance.md)
_MANIFEST_LIMIT = 256 * 1024 * 1024  # two million files
_KEPT_FREE = 64 * 1024 * 1024  # of the disk, whatever the archive says
_RATIO = 200  # unpacked over packed: a database of empty tables reaches 60, zeros 1,000
_RATIO_FROM = 64 * 1024 * 1024  # below, nothing to fear
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"  # deflate, no name, no date
_GZIP_KNOWN = {(0, 255), (2, 255), (4, 255), (0, 3), (2, 3), (4, 3)}  # its last two bytes, by version of Python


class ArchiveRefused(Exception):
    """The file is no backup that can be restored; the message says why."""


class Writer:
    """Adds members one after the other, and remembers their digests."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=_FAST, fileobj=stream, mtime=0)
        self._tar = tarfile.open(fileobj=self._gzip, mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115 - closed with the manifest
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, source: IO[bytes]) -> None:
        """Add what *source* holds at this moment, under *name*."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = os.fstat(source.fileno()).st_size, 0o600
        hashing = _Hashing(source)
        self._tar.addfile(info, hashing)
        self.members[name] = {"size": info.size, "sha256": hashing.digest()}

    def close(self, manifest: dict[str, Any]) -> None:
        """Add the manifest, last: an archive that was cut has none."""
        content = json.dumps({**manifest, "members": self.members}, ensure_ascii=False).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(content), 0o600
        self._tar.addfile(info, BytesIO(content))
        self._tar.close()

    def release(self) -> None:
        """Write what is left in memory."""
        self._gzip.close()


class _Hashing:
    """A stream that keeps the digest of what was read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._hash = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read, and remember."""
        data = self._stream.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        """SHA-256 of all that was read, in hexadecimal."""
        return self._hash.hexdigest()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """An archive that takes the name *path* once whole, readable by its owner only.

    Raises:
        FileExistsError: something has that name already.
    """
    if path.exists():
        raise FileExistsError(path)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            writer = Writer(stream)
            try:
                yield writer
            finally:
                writer.release()
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
        flush_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Write the members of the archive into *folder* (empty), each checked against the manifest, which is returned.

    Raises:
        ArchiveRefused: not one of ours, damaged, or made to harm.
    """
    try:
        with path.open("rb") as raw:
            _check_header(raw)
            with gzip.GzipFile(fileobj=raw, mode="rb") as unzipped:
                found, manifest = _members(raw, unzipped, folder)
                while unzipped.read(_CHUNK):  # to the end: the last bytes check all the others
                    pass
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise ArchiveRefused(_("L'archive est abîmée ou incomplète.")) from error
    _check_members(found, manifest)
    return manifest


def _check_header(raw: IO[bytes]) -> None:
    start = raw.read(10)
    raw.seek(0)
    if start[:8] != _GZIP_HEADER or tuple(start[8:]) not in _GZIP_KNOWN:
        raise ArchiveRefused(_("Ce fichier n'est pas une sauvegarde de Tisserand."))


def _members(raw: IO[bytes], unzipped: gzip.GzipFile, folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    total = 0
    with tarfile.open(fileobj=unzipped, mode="r|", tarinfo=_OnlyFiles) as tar:
        for info in tar:
            content = tar.extractfile(info)
            if content is None:  # never, for a file
                raise ArchiveRefused(_("L'archive est abîmée ou incomplète."))
            if info.name == MANIFEST:
                return found, _manifest(info, content)
            if info.name in found:
                raise ArchiveRefused(_("L'archive contient deux fois « %(name)s ».") % {"name": info.name[:200]})
            target = folder / _safe(info.name)
            if info.size > shutil.disk_usage(folder).free - _KEPT_FREE:
                raise ArchiveRefused(_("Il n'y a pas assez de place sur le disque pour ouvrir cette archive."))
            found[info.name] = {"size": info.size, "sha256": _write(raw, content, target, total)}
            total += info.size
    raise ArchiveRefused(_("L'archive est abîmée ou incomplète."))


class _OnlyFiles(tarfile.TarInfo):
    """A header that tells a file. Links, devices and extended headers are refused before anything follows them."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_OnlyFiles":
        """See `TarInfo.frombuf`."""
        info = super().frombuf(buf, encoding, errors)
        long_name = info.type == tarfile.GNUTYPE_LONGNAME and info.size <= 4096
        if info.type != tarfile.REGTYPE and not long_name:
            raise ArchiveRefused(_("L'archive contient autre chose que des fichiers : elle n'a pas été faite ici."))
        return info


def _safe(name: str) -> PurePosixPath:
    """The place of a member, which cannot leave the folder."""
    path = PurePosixPath(name)
    inside = len(path.parts) > 1 and path.parts[0] == FILES and not {"..", "."} & set(name.split("/"))
    if "\0" in name or "\\" in name or not (inside or name in {DATABASE, KEY}):
        raise ArchiveRefused(_("L'archive contient un nom refusé : « %(name)s ».") % {"name": name[:200]})
    return path


def _write(raw: IO[bytes], content: IO[bytes], target: Path, before: int) -> str:
    """Write one member; its digest. *before* is what the others took."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        while data := content.read(_CHUNK):
            before += len(data)
            if before > _RATIO_FROM and before > _RATIO * raw.tell():
                raise ArchiveRefused(_("L'archive enfle démesurément en s'ouvrant : elle n'a pas été faite ici."))
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


def _manifest(info: tarfile.TarInfo, content: IO[bytes]) -> dict[str, Any]:
    if info.size > _MANIFEST_LIMIT:
        raise ArchiveRefused(_("L'archive est abîmée ou incomplète."))
    try:
        manifest = json.loads(content.read())
        if manifest["format"] > FORMAT:
            raise ArchiveRefused(
                _("Cette sauvegarde vient d'une version plus récente (%(version)s) : mettez Tisserand à jour d'abord.")
                % {"version": str(manifest["version"])[:40]}
            )
        known = {"version": str, "created_at": str, "engine": str, "rows": dict, "members": dict}
        if not all(isinstance(manifest[key], kind) for key, kind in known.items()):
            raise TypeError
        datetime.fromisoformat(manifest["created_at"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArchiveRefused(_("Le manifeste de l'archive ne se lit pas.")) from error
    return dict(manifest)


def _check_members(found: dict[str, dict[str, Any]], manifest: dict[str, Any]) -> None:
    if not {DATABASE, KEY} <= set(found):
        raise ArchiveRefused(_("L'archive est abîmée ou incomplète."))
    for name in sorted(found.keys() | manifest["members"].keys()):
        if found.get(name) != manifest["members"].get(name):
            raise ArchiveRefused(
                _("« %(name)s » n'est pas tel que la sauvegarde l'a écrit : l'archive est abîmée.")
                % {"name": name[:200]}
            )
