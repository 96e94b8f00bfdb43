"""The door: django-allauth configured, with our addresses, pages, letters and limits (ADR 0018)."""
