"""Whole instances of their own: a data folder, and a database on the engine of this run."""

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
SERVER = os.environ.get("TISSERAND_DATABASE_URL", "")
SEED = """
from django.core.files.base import ContentFile
from tests.factories import ActionFactory, NetworkFactory
from tisserand.actions.operations.imports import deposit_import
from tisserand.privacy.journal import SYSTEM
network = NetworkFactory(slug="essai")
for number in range(12):
    ActionFactory(network=network, title=f"Jardin partagé {number}")
for number in range(3):
    deposit_import(actor=SYSTEM, network=network, filename=f"fiches {number}.txt", token=f"jeton-{number}",
                   file=ContentFile(f"texte {number}".encode() * 1000))
"""


@dataclass
class Instance:
    """A folder and a database, used by the `tisserand` command as people do."""

    folder: Path
    address: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TISSERAND_")}
        own = {"TISSERAND_DATA": str(self.folder), "DJANGO_SETTINGS_MODULE": "tisserand.config.settings"}
        return {**kept, **own, **({"TISSERAND_DATABASE_URL": self.address} if self.address else {})}

    def start(self, *arguments, **options) -> subprocess.Popen:
        command = [sys.executable, "-m", "tisserand", *map(str, arguments)]
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
        return subprocess.Popen(command, env=self.environment, cwd=ROOT, **options)

    def run(self, *arguments, status=0, environment=None) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "tisserand", *map(str, arguments)]
        variables = {**self.environment, **(environment or {})}
        done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr[-3000:] + done.stdout[-1000:]
        assert "Traceback" not in done.stderr
        return done

    def python(self, code: str) -> str:
        return self.run("shell", "--no-imports", "-c", code).stdout

    def query(self, sql: str) -> list[tuple]:
        """Rows read without Django, so that nothing is prepared or finished first."""
        if self.address:
            with psycopg.connect(self.address) as connection:
                return connection.execute(sql).fetchall()
        with closing(sqlite3.connect(self.folder / "tisserand.sqlite3")) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        """Change rows without Django, which is quicker."""
        if self.address:
            with psycopg.connect(self.address) as connection:
                connection.execute(sql)
        else:
            with closing(sqlite3.connect(self.folder / "tisserand.sqlite3", isolation_level=None)) as connection:
                connection.execute(sql)

    def files(self) -> dict[str, bytes]:
        folder = self.folder / "files"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def databases():
    """Databases of this run's PostgreSQL server, dropped at the end; none on SQLite."""
    made = []

    def create(template="template0") -> str:
        if not SERVER:
            return ""
        name = f"instance_{secrets.token_hex(6)}"
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template.rsplit("/", 1)[-1]}"')
        made.append(name)
        return f"{SERVER.rsplit('/', 1)[0]}/{name}"

    yield create
    if made:
        with psycopg.connect(SERVER, autocommit=True) as server:
            for name in made:
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def seeded(tmp_path_factory, databases) -> Instance:
    """An instance with a network, twelve sheets and three deposited files; only copied, never written to."""
    instance = Instance(tmp_path_factory.mktemp("seeded") / "data", databases())
    instance.python(SEED)
    return instance


@pytest.fixture
def instance(tmp_path, databases, seeded) -> Instance:
    """A copy of the seeded one, that a test may change."""
    shutil.copytree(seeded.folder, tmp_path / "here")
    return Instance(tmp_path / "here", databases(seeded.address) if seeded.address else "")


@pytest.fixture
def elsewhere(tmp_path, databases) -> Instance:
    """An empty folder, an empty database."""
    return Instance(tmp_path / "elsewhere", databases())


@pytest.fixture(scope="session")
def taken(tmp_path_factory, seeded) -> Path:
    """A backup of the seeded instance."""
    path = tmp_path_factory.mktemp("taken") / "tisserand.tar.gz"
    seeded.run("backup", path)
    return path
