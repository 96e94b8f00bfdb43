"""A request and its answer, as the page of the API shows them: invented, and cut where « … » stands."""

QUERY = "q=jardin&partner=caf&limit=1"

ANSWER = """{
  "count": 3,
  "items": [
    {
      "id": 41,
      "url": "https://exemple.fr/actions/41/le-jardin-des-remparts/",
      "title": "Le jardin des remparts",
      "structure": "Centre social La Navette",
      "department": "Ardennes",
      "keywords": ["Environnement", "intergénérationnel"],
      "partners": ["Caf", "Commune"],
      "summary": "Douze parcelles au pied des remparts…"
    }
  ],
  "facets": {
    "partner": [
      {"value": "caf", "label": "Caf", "count": 3},
      {"value": "commune", "label": "Commune", "count": 2}
    ]
  },
  "next": "https://exemple.fr/api/actions?q=jardin&partner=caf&limit=1&cursor=WzAsNDEsMV0"
}"""
