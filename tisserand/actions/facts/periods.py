"""Read the period that a sum or a headcount is given for: "/ an", "par séance", "chaque mois"."""

from tisserand.actions.facts.lexicon import words
from tisserand.actions.facts.model import Period
from tisserand.actions.facts.quantities import fold_at
from tisserand.actions.facts.tokens import Token

_UNITS: dict[str, Period] = {
    **dict.fromkeys(("an", "ans", "annee", "annees"), "year"),
    **dict.fromkeys(("mois",), "month"),
    **dict.fromkeys(("semaine", "semaines", "sem"), "week"),
    **dict.fromkeys(("jour", "jours", "journee", "journees", "j"), "day"),
    **dict.fromkeys(
        words("""
        seance seances atelier ateliers session sessions sortie sorties rencontre rencontres cours permanence
        permanences reunion reunions intervention interventions animation animations representation
        representations spectacle spectacles creneau creneaux fois"""),
        "session",
    ),
}
_ADJECTIVES: dict[str, Period] = {
    **dict.fromkeys(("annuel", "annuels", "annuelle", "annuelles", "annuellement"), "year"),
    **dict.fromkeys(("mensuel", "mensuels", "mensuelle", "mensuelles", "mensuellement"), "month"),
    **dict.fromkeys(("hebdomadaire", "hebdomadaires", "hebdo"), "week"),
    **dict.fromkeys(("quotidien", "quotidiens", "quotidienne", "quotidiennes"), "day"),
}
_EACH = frozenset({"par", "chaque", "/"})
# "l'année" alone is a date more than a rhythm: it needs one of these before it.
_OVER = frozenset({"a", "pour", "sur"})


def period_after(tokens: list[Token], index: int) -> tuple[Period, int]:
    """Return the period written right after a quantity and the index after it, ("", index) if none.

    Two steps at most are looked at, so that "par famille et par an" gives the year.
    """
    if fold_at(tokens, index) in _ADJECTIVES:
        return _ADJECTIVES[fold_at(tokens, index)], index + 1
    step = index + (fold_at(tokens, index) == "a" and fold_at(tokens, index + 1) == "chaque")
    for _ in range(2):
        found, after = _rhythm(tokens, step)
        if found:
            return found, after
        if fold_at(tokens, step) not in _EACH or step + 1 >= len(tokens) or tokens[step + 1].kind != "word":
            break
        step += 2
        if fold_at(tokens, step) in ("et", ","):
            step += 1
    return "", index


def _rhythm(tokens: list[Token], index: int) -> tuple[Period, int]:
    """Read "par an", "/ an", "chaque mois", "tous les ans", "la séance", "à l'année"."""
    folds = [fold_at(tokens, index + i) for i in range(4)]
    if folds[0] in _EACH:
        return _UNITS.get(folds[1], ""), index + 2
    if folds[0] in ("tous", "toutes") and folds[1] == "les":
        return _UNITS.get(folds[2], ""), index + 3
    if folds[0] in ("la", "le"):
        return _UNITS.get(folds[1], ""), index + 2
    if folds[:2] == ["l", "'"]:
        return _UNITS.get(folds[2], ""), index + 3
    if folds[0] in _OVER and folds[1:] == ["l", "'", "annee"]:
        return "year", index + 4
    return "", index


def period_before(tokens: list[Token], index: int) -> Period:
    """Return the rhythm that opens the count at *index*: "chaque semaine, 20 personnes"."""
    if fold_at(tokens, index - 1) == ",":
        index -= 1
    return _UNITS.get(fold_at(tokens, index - 1), "") if fold_at(tokens, index - 2) == "chaque" else ""


def period_of_sentence(tokens: list[Token], index: int) -> Period:
    """Return the period announced earlier: "subvention annuelle de", "pour l'année", "coût par séance :".

    The look back is short and stops at another sum, which the words would belong to.
    """
    if fold_at(tokens, index - 1) == ":" and fold_at(tokens, index - 3) in _EACH:
        return _UNITS.get(fold_at(tokens, index - 2), "")
    for i in range(index - 1, max(index - 14, -1), -1):
        token = tokens[i]
        if token.fold in (";", "!", "?", "€", "euros", "euro") or (token.fold == "." and i + 1 < index):
            return ""
        if token.fold in _ADJECTIVES:
            return _ADJECTIVES[token.fold]
        if token.fold == "annee" and fold_at(tokens, i - 3) in _OVER and fold_at(tokens, i - 2) == "l":
            return "year"
    return ""
