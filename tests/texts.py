"""Invented sheets in the published text, for tests."""

LABELS = {
    "status": "Statut de l'action",
    "ended_reason": "Raisons pour lesquelles l'action est terminée",
    "dimension": "Dimension",
    "keywords": "Mots clés associés à l'action",
    "summary": "Résumé",
    "initiators": "Qui est à l'initiative de l'action ?",
    "initiator_detail": "Précision ( si autre )",
    "territory": "Territoire concerné",
    "objectives": "Description de l'expérience, ses objectifs, ses acteurs et ses différentes phases.",
    "public": "Public",
    "partners": "Avec qui cette action a-t-elle été menée ?",
    "territory_again": "Territoire concerné",
    "description": "Description générale",
    "funding": "Ressources financières mobilisées pour cette action",
    "people": "Nombre de personnes mobilisés pour cette action",
    "result_territory": "Résultat sur le territoire",
    "result_structure": "Résultat pour le centre social",
    "result_residents": "Résultat pour les habitants",
    "limits": "Suite de l'action : Limites",
    "perspectives": "Suite de l'action : Perspectives",
}
LISTS = {"keywords", "initiators", "partners"}
VALUES = {"status", "dimension", "territory", "territory_again", "public"}


def published(*sheets: dict, absent: set[str] = frozenset(), header: bool = True) -> str:
    """The published text of sheets given by key; labels in *absent* are left out.

    Written apart from the exporter on purpose: it is the format as the tests understand it.
    """
    lines = ["Les actions des centres sociaux"] if header else []
    for sheet in sheets:
        lines += ["Actions", sheet["title"], "- Structure organisatrice"]
        department = sheet.get("department", "Ardennes")
        lines.append(f"- {sheet.get('structure', 'Centre social La Navette')} - {department}")
        if "files" not in absent:
            lines.append("- Fichier(s) associé(s)")
        for key, label in LABELS.items():
            if key in absent or (key in {"ended_reason", "initiator_detail"} and key not in sheet):
                continue
            lines.append(f"- {label}")
            lines += content(key, sheet)
    return "\n".join(lines) + "\n"


def content(key: str, sheet: dict) -> list[str]:
    value = sheet.get("territory" if key == "territory_again" else key, [] if key in LISTS else "")
    if key in LISTS:
        intro = ["Partenaires d'action:"] if key == "partners" else []
        return ["-", *intro, *(f"- {one}" for one in value)]
    if key in VALUES:
        return [f"- {value}"] if value else []
    return value.split("\n") if value else []


GARDEN = {
    "title": "Le jardin des remparts",
    "structure": "Centre social La Navette",
    "department": "Ardennes",
    "status": "En cours",
    "dimension": "Services",
    "keywords": ["Environnement", "Culture"],
    "summary": "Douze parcelles et une table.\n- des outils partagés\n- un compost",
    "initiators": ["Un habitant"],
    "territory": "Un quartier",
    "objectives": "Se retrouver dehors.",
    "public": "Tous publics",
    "partners": ["Caf", "Commune"],
    "description": "On jardine le mercredi.\nOn mange ensemble le vendredi.",
    "funding": "1 200 € par an",
    "people": "2 animatrices et 14 habitants",
    "limits": "L'eau manque en août.",
    "perspectives": "Une seconde cuve.",
}

# The same sheet as operations take it.
GARDEN_VALUES = {
    key: [value] if key in VALUES else value for key, value in GARDEN.items() if key not in {"structure", "department"}
}
