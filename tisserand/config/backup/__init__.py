"""A whole instance in one file, and back (ADR 0017).

The archive holds `database.sqlite3` whichever the engine, the deposited files, the secret key, and last
`manifest.json`, which says what should be there.
"""
