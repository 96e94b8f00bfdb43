"""What this app keeps about people."""

from tisserand.privacy.registry import declare
from tisserand.search.models import SearchDoc, SearchSpace, SearchWord

_DERIVED = "Dérivé des fiches ; refait et effacé avec elles."
declare(SearchSpace, impersonal=["key"], others=_DERIVED)
declare(SearchDoc, impersonal=["facets"], others=_DERIVED)
declare(SearchWord, impersonal=["word"], others="Un mot seul, sans lien avec une fiche.")
