"""An archive is written whole or not at all, and what is not as it was written is refused."""

import gzip
import io
import json
import os
import secrets
import tarfile
from types import SimpleNamespace

import pytest

from tisserand.config.backup import archive
from tisserand.config.backup.archive import ArchiveRefused, unpack, writing

HEAD = {"format": 1, "version": "0.1.0", "created_at": "2026-11-20T03:00:00+00:00", "engine": "sqlite", "rows": {}}


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "sources"
    folder.mkdir()
    contents = {"database.sqlite3": os.urandom(30_000), "files/imports/été.txt": b"texte", "secret_key": b"k" * 60}
    contents["files/" + "long/" * 30 + "nom.txt"] = b"loin"
    for number, content in enumerate(contents.values()):
        (folder / str(number)).write_bytes(content)
    return folder, contents


@pytest.fixture
def whole(tmp_path, sources):
    folder, contents = sources
    path = tmp_path / "a.tar.gz"
    with writing(path) as writer:
        for number, name in enumerate(contents):
            with (folder / str(number)).open("rb") as file:
                writer.add(name, file)
        writer.close(HEAD)
    return path


@pytest.fixture
def out(tmp_path):
    """Unpack in a new folder; what came out, and nothing anywhere else."""

    def run(path) -> dict[str, bytes]:
        target = tmp_path / f"out-{secrets.token_hex(4)}"
        target.mkdir()
        before = set(tmp_path.iterdir())
        try:
            unpack(path, target)
        finally:
            assert set(tmp_path.iterdir()) == before
        return {str(p.relative_to(target)): p.read_bytes() for p in target.rglob("*") if p.is_file()}

    return run


def test_what_went_in_comes_out(whole, sources, out):
    assert out(whole) == sources[1]
    assert whole.stat().st_mode & 0o777 == 0o600
    with tarfile.open(whole) as tar:  # any tool reads it
        assert tar.getnames()[-1] == "manifest.json"


@pytest.mark.parametrize("place", [*range(10), *(n / 40 for n in range(1, 40)), -1, -5, -9])
def test_one_byte_changed_anywhere_is_refused(whole, out, place):
    content = bytearray(whole.read_bytes())
    content[place if isinstance(place, int) else int(place * len(content))] ^= 0xFF
    whole.write_bytes(content)
    with pytest.raises(ArchiveRefused):
        out(whole)


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.999, 0.9999])
def test_a_cut_archive_is_refused(whole, out, share):
    content = whole.read_bytes()
    whole.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ArchiveRefused):
        out(whole)


def test_it_is_the_manifest_that_refuses_a_change_packed_again(whole, out):
    """Negative control: the same archive with a byte of a file changed opens with any tool."""
    content = bytearray(gzip.decompress(whole.read_bytes()))
    content[content.index(b"texte")] ^= 1
    whole.write_bytes(gzip.compress(content, mtime=0))
    with tarfile.open(whole) as tar:
        assert tar.extractfile("files/imports/été.txt").read() == b"uexte"
    with pytest.raises(ArchiveRefused, match="est pas tel"):
        out(whole)


def forged(path, *members, manifest=None):
    """An archive that someone made by hand; *members* are (name, content, changes of the header)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content, changes in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in changes.items():
                setattr(info, key, value)
            buffer.write(info.tobuf(tarfile.GNU_FORMAT))
            buffer.write(content + bytes(-len(content) % 512))
            tar.offset = buffer.tell()
        text = json.dumps({**HEAD, "members": {}} if manifest is None else manifest).encode()
        info = tarfile.TarInfo("manifest.json")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))
    return path


BASE = (("database.sqlite3", b"x", {}), ("secret_key", b"x", {}))


@pytest.mark.parametrize(
    "member",
    [
        ("../dehors", b"x", {}),
        ("files/../../dehors", b"x", {}),
        ("/tmp/dehors", b"x", {}),
        ("files//etc/../../x", b"x", {}),
        ("files/./x", b"x", {}),
        ("files", b"x", {}),
        ("files\\..\\x", b"x", {}),
        ("autre.txt", b"x", {}),
        ("tisserand.sqlite3", b"x", {}),
        ("files/lien", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("files/lien", b"", {"type": tarfile.LNKTYPE, "linkname": "secret_key"}),
        ("files/tube", b"", {"type": tarfile.FIFOTYPE}),
        ("files/disque", b"", {"type": tarfile.CHRTYPE}),
        ("files/dossier", b"", {"type": tarfile.DIRTYPE}),
        ("files/trous", b"", {"type": tarfile.GNUTYPE_SPARSE}),
        ("x", b"13 path=../x\n", {"type": tarfile.XHDTYPE}),
        ("database.sqlite3", b"y", {}),
    ],
    ids=lambda member: f"{member[0]}-{member[2].get('type', b'').decode()}",
)
def test_what_would_leave_the_folder_or_is_no_file_is_refused(tmp_path, out, member):
    with pytest.raises(ArchiveRefused, match=r"nom refusé|autre chose|deux fois"):
        out(forged(tmp_path / "forged.tar.gz", *BASE, member))


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({}, "manifeste"),
        ([], "manifeste"),
        ({**HEAD, "members": []}, "manifeste"),
        ({**HEAD, "created_at": "hier", "members": {}}, "manifeste"),
        ({**HEAD, "format": "2", "members": {}}, "manifeste"),
        ({**HEAD, "format": 2, "version": "3.0", "members": {}}, "plus récente"),
        ({**HEAD, "members": {}}, "est pas tel"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(tmp_path, out, manifest, message):
    with pytest.raises(ArchiveRefused, match=message):
        out(forged(tmp_path / "forged.tar.gz", *BASE, manifest=manifest))


def test_a_bomb_stops_before_it_fills_the_disk(tmp_path):
    """A gibibyte of zeros, honestly announced, in a few megabytes."""
    path, target = tmp_path / "bomb.tar.gz", tmp_path / "out"
    target.mkdir()
    info = tarfile.TarInfo("database.sqlite3")
    info.size = 1024**3
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(100):  # it is stopped before the end of these
            file.write(bytes(1024**2))
    with pytest.raises(ArchiveRefused, match="enfle"):
        unpack(path, target)
    assert sum(p.stat().st_size for p in target.rglob("*")) < 80 * 1024**2


def test_more_than_the_disk_holds_is_refused_before_it_is_written(tmp_path, out, monkeypatch):
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _path: SimpleNamespace(free=10))
    with pytest.raises(ArchiveRefused, match="place"):
        out(forged(tmp_path / "forged.tar.gz", *BASE))


def test_a_failure_leaves_nothing(tmp_path, sources):
    def run():
        with writing(tmp_path / "a.tar.gz") as writer:
            with (sources[0] / "0").open("rb") as file:
                writer.add("database.sqlite3", file)
            raise OSError("disque plein")

    with pytest.raises(OSError, match="plein"):
        run()
    assert [p.name for p in tmp_path.iterdir()] == ["sources"]


def test_an_archive_is_never_replaced(whole):
    before = whole.read_bytes()
    with pytest.raises(FileExistsError), writing(whole):
        pass
    assert whole.read_bytes() == before
