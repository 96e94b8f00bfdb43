"""Writes of the catalogue, by subject: sheets, facts, vocabulary, imports."""
