"""Archives that unpack to a reasonable size: their index is read before anything else."""

import zipfile
from typing import IO

MAX_UNPACKED = 50 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_RATIO = 100


class ArchiveRefused(Exception):
    """One that would unpack too large, to `unpacked` bytes; not a whole archive when it is None."""

    def __init__(self, unpacked: int | None = None) -> None:
        super().__init__(unpacked)
        self.unpacked = unpacked


def check_archive(file: IO[bytes]) -> list[zipfile.ZipInfo]:
    """What an archive holds, by its index.

    Raises:
        ArchiveRefused: it is cut, or would unpack too large.
    """
    packed = max(1, file.seek(0, 2))
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise ArchiveRefused from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise ArchiveRefused(unpacked)
    return entries
