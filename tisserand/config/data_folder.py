"""The one folder that holds what an instance keeps: database, secret key, files, compiled styles."""

import contextlib
import os
import secrets
from pathlib import Path


def data_folder() -> Path:
    """Return the folder named by TISSERAND_DATA (default `./var`), created if missing."""
    folder = Path(os.environ.get("TISSERAND_DATA") or "var").resolve()
    # For its owner only: it holds the database and the key. A folder already there keeps its rights.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret_key(folder: Path) -> str:
    """Return the instance's secret, generated on first run and readable by its owner only."""
    path = folder / "secret_key"
    if not path.exists():
        draft = folder / f".secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        # A link appears whole or not at all: of two processes starting together, one wins and both read it.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    key = path.read_text().strip()
    if not long_enough(key):
        raise SystemExit(f"La clé secrète {path} est vide ou trop courte : supprimez ce fichier et relancez.")
    return key


def long_enough(key: str) -> bool:
    """Whether *key* can be an instance's secret: those that we make have 86 signs."""
    return len(key.strip()) >= 50
