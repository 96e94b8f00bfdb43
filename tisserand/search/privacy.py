"""What this app keeps about people."""

from tisserand.privacy.registry import declare
from tisserand.search.models import SearchDoc, SearchSpace, SearchWord

_DERIVED = "Dérivé des fiches ; refait et effacé avec elles."
declare(SearchSpace, others=_DERIVED)
declare(SearchDoc, others=_DERIVED)
declare(SearchWord, others="Un mot seul, sans lien avec une fiche.")
