"""Use the SQLite library that ships with pysqlite3 instead of the system's.

SQLite before 3.51.3 can corrupt a database in WAL mode (ADR 0003); Debian 12 and 13 and Ubuntu carry
older ones. This must run before Django imports `sqlite3`.
"""

import sqlite3 as system_sqlite3
import sys

SAFE_WAL = (3, 51, 3)


def use_newest() -> tuple[int, int, int]:
    """Put the newer of the two libraries in place of `sqlite3`; return its version."""
    try:
        import pysqlite3
    except ImportError:  # no wheel for this machine: the journal mode falls back, see `journal_pragmas`
        return system_sqlite3.sqlite_version_info[:3]
    if pysqlite3.sqlite_version_info > system_sqlite3.sqlite_version_info:
        sys.modules["sqlite3"] = pysqlite3
        sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
        return tuple(pysqlite3.sqlite_version_info[:3])
    return system_sqlite3.sqlite_version_info[:3]


def is_wal_safe(version: tuple[int, int, int]) -> bool:
    """Whether *version* has the fix of the WAL-reset bug, back-ports included."""
    backported = version[:2] in {(3, 50), (3, 44)} and version >= {50: (3, 50, 7), 44: (3, 44, 6)}[version[1]]
    return version >= SAFE_WAL or backported


def journal_pragmas(version: tuple[int, int, int]) -> str:
    """Return the statements run on each connection: WAL where it is safe, else the rollback journal.

    What is deleted is overwritten with zeros: an erased person is in no free page of the file.
    """
    mode = "WAL" if is_wal_safe(version) else "DELETE"
    return f"PRAGMA journal_mode={mode}; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cache_size=-65536;"
