from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from tisserand.actions.models import Action
from tisserand.actions.search import index_actions
from tisserand.search.index import optimise


class Command(BaseCommand):
    help = "Refait l'index de recherche (après une mise à jour qui change la façon de chercher)."

    def handle(self, *args: Any, **options: Any) -> None:
        ids = list(Action.objects.order_by("pk").values_list("pk", flat=True))
        with transaction.atomic():
            index_actions(ids)
        optimise()
        self.stdout.write(f"Fiches indexées : {len(ids)}")
