"""Generated sheets: about 1.5 kB each, words drawn as in a language, facets as in a real catalogue."""

import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

SYLLABLES = [
    "ba",
    "co",
    "du",
    "fi",
    "ga",
    "jo",
    "lu",
    "mé",
    "no",
    "pra",
    "que",
    "ri",
    "sou",
    "tra",
    "vé",
    "cha",
    "lon",
    "min",
    "per",
    "tel",
    "ron",
    "bal",
    "tis",
]
# The words that make nearly half of any French text, and tell nothing.
FUNCTION_WORDS = (
    "de la les et des le en à un pour une est du dans qui que par avec sur plus ce au sont ont leur se ou aux ces nous"
).split()
SUBJECTS = [
    "jardin",
    "cuisine",
    "numérique",
    "lecture",
    "sortie",
    "famille",
    "parent",
    "enfant",
    "jeune",
    "senior",
    "santé",
    "sport",
    "musique",
    "théâtre",
    "atelier",
    "permanence",
    "droit",
    "emploi",
    "logement",
    "vélo",
    "couture",
    "cinéma",
    "quartier",
    "fête",
    "repas",
    "langue",
    "français",
    "écriture",
    "conte",
    "danse",
]
PUBLICS = ("Tous publics", "familles", "Enfance", "Jeunesse", "Adultes", "Seniors")
KEYWORDS = (
    "Culture",
    "Solidarité",
    "Parentalité",
    "Vieillissement",
    "Numérique",
    "Santé",
    "Environnement",
    "Insertion",
)
PARTNERS = ("Caf", "Commune", "Conseil départemental", "Association locale", "Éducation Nationale", "MSA", "Autre")
DIMENSIONS = ("Citoyenneté", "Services", "Accompagnement de projets")


class Sheets:
    """A reproducible stream of sheets."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        made = {"".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 5))) for _ in range(30_000)}
        self.words = FUNCTION_WORDS + self.random.sample(sorted(made), len(made))
        # As in a real catalogue: the first subjects are in half of the sheets, the last in one of a hundred.
        for place, subject in enumerate(SUBJECTS):
            self.words.insert(int(len(FUNCTION_WORDS) * 1.15**place), subject)
        # Zipf: a few words are everywhere, most are rare.
        self.weights = list(itertools.accumulate(1 / (rank + 4) for rank in range(len(self.words))))

    def text(self, count: int) -> str:
        """*count* words."""
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=count))

    def sheet(self, number: int) -> dict[str, object]:
        """One sheet by key."""
        choice = self.random.choice
        subject = choice(SUBJECTS)
        return {
            "title": f"{subject.capitalize()} {self.text(3)} {number}",
            "structure": f"Centre social {self.words[40 + number % 2_000]} {number % 2_000}",
            "department": ("Ardennes", "Aisne", "Marne", "Meuse", "Nord")[number % 5],
            "status": choice(("En cours", "En cours", "Terminée")),
            "dimension": choice(DIMENSIONS),
            "keywords": self.random.sample(KEYWORDS, self.random.randint(0, 3)),
            "summary": self.text(60),
            "initiators": [choice(("Le centre social", "Un habitant", "Un groupe d'habitants"))],
            "territory": choice(("Un quartier", "Une commune", "Plusieurs communes")),
            "objectives": self.text(50),
            "public": choice(PUBLICS),
            "partners": self.random.sample(PARTNERS, self.random.randint(0, 3)),
            "description": self.text(80),
            "funding": f"{self.random.randint(1, 90) * 100} € par an",
            "people": f"{self.random.randint(1, 9)} animateurs et {self.random.randint(5, 90)} habitants",
            "limits": self.text(12),
            "perspectives": self.text(12),
        }

    def sheets(self, count: int) -> Iterator[dict[str, object]]:
        """*count* sheets."""
        return (self.sheet(number) for number in range(count))

    def searches(self, count: int) -> list[tuple[str, dict[str, str]]]:
        """What people ask: one to three words of which one is a subject, half with a filter."""
        asked = []
        for number in range(count):
            words = [self.random.choice(SUBJECTS)]
            if self.random.random() < 0.6:
                words.append(self.random.choices(self.words, cum_weights=self.weights)[0])
            filters = {}
            if number % 2:
                facet, values = self.random.choice((("public", PUBLICS), ("partner", PARTNERS), ("keyword", KEYWORDS)))
                filters[facet] = self.random.choice(values)
            asked.append((" ".join(words), filters))
        return asked


TEXTS = ("summary", "objectives", "description", "funding", "people", "limits", "perspectives")


def load(count: int, seed: int = 1) -> None:
    """Fill the catalogue of the current database quickly; indexing is the product's own."""
    from django.db import transaction

    from tisserand.actions.models import Action
    from tisserand.actions.search import index_actions
    from tisserand.network.operations import create_network
    from tisserand.privacy.journal import SYSTEM
    from tisserand.search.index import optimise

    network = create_network(actor=SYSTEM, slug="bench", name="Bench")
    stream = Sheets(seed).sheets(count)
    structures: dict[tuple[str, str], object] = {}
    with transaction.atomic():
        for start in range(0, count, 5_000):
            _write(network, structures, list(itertools.islice(stream, 5_000)), count - start)
        with _index_built_at_once():
            index_actions(Action.objects.order_by("pk").values_list("pk", flat=True))
    optimise()


@contextmanager
def _index_built_at_once() -> Iterator[None]:
    """PostgreSQL fills an index many times faster from a full table; SQLite has no such choice."""
    from django.db import connection

    from tisserand.search.backends.postgresql import CREATE

    if connection.vendor == "sqlite":
        yield
        return
    drop, create = "DROP INDEX search_tokens_gin", next(line for line in CREATE if "search_tokens_gin" in line)
    with connection.cursor() as cursor:
        cursor.execute(drop)
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute(create)


def _write(network, structures, group: list[dict[str, object]], minutes_ago: int) -> None:
    from tisserand.actions.models import Action, ActionTerm
    from tisserand.actions.operations.content import links
    from tisserand.actions.vocabulary import ensure_vocabulary, title_key
    from tisserand.network.operations import ensure_structure
    from tisserand.privacy.journal import SYSTEM

    vocabulary = ensure_vocabulary(network)
    named = {(str(sheet["structure"]), str(sheet["department"])) for sheet in group}
    for name, department in sorted(named - structures.keys()):
        structures[name, department] = ensure_structure(actor=SYSTEM, network=network, name=name, department=department)
    actions = []
    for offset, sheet in enumerate(group):
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago - offset)
        actions.append(
            Action(
                network=network,
                structure=structures[sheet["structure"], sheet["department"]],
                title=sheet["title"],
                title_key=title_key(str(sheet["title"])),
                state="published",
                published_at=at,
                updated_at=at,
                **{key: sheet[key] for key in TEXTS},
            )
        )
    Action.objects.bulk_create(actions)
    made = [link for action, sheet in zip(actions, group, strict=True) for link in links(action, sheet, vocabulary)]
    ActionTerm.objects.bulk_create(made, batch_size=20_000)
