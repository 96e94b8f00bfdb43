"""What this app keeps about people."""

from tisserand.privacy.registry import declare
from tisserand.search.models import SearchDoc, SearchSpace, SearchWord

_DERIVED = "Dérivé des fiches ; refait et effacé avec elles."
declare(SearchSpace, impersonal=["key", "number", "version"], others=_DERIVED)
declare(SearchDoc, impersonal=["id", "space", "version", "visible", "facets"], others=_DERIVED)
declare(SearchWord, impersonal=["space", "word"], others="Un mot seul, sans lien avec une fiche.")
