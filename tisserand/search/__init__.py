"""Engine: full-text search in French with facets, giving the same answer on SQLite and PostgreSQL."""
