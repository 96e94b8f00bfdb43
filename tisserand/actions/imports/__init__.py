"""Reading files of action sheets: published text, tables, JSON. Nothing here writes to the database."""
