import json
import secrets
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction

from tisserand.actions.enums import BatchState
from tisserand.actions.imports.report import report
from tisserand.actions.models import ImportBatch
from tisserand.actions.operations.imports import apply_import, deposit_import, read_import
from tisserand.network.models import Network
from tisserand.network.operations import create_network
from tisserand.privacy.journal import SYSTEM


class _Undo(Exception):
    """Leaves the transaction of a dry run without keeping anything."""


class Command(BaseCommand):
    help = "Importe des fiches d'action : texte publié, CSV, XLSX, ODS ou JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--network", required=True, metavar="SLUG", help="identifiant du réseau")
        parser.add_argument("--create-network", metavar="NAME", help="crée le réseau sous ce nom s'il n'existe pas")
        parser.add_argument("--as-draft", action="store_true", help="en brouillons plutôt que publiées")
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui changerait, sans rien écrire")
        parser.add_argument("--report", choices=["json"], help="rapport lisible par un programme")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"Le fichier {path} n'existe pas.")
        counts: dict[str, int] = {}
        messages: list[dict[str, Any]] = []
        try:
            with transaction.atomic():
                batch = self._import(path, options)
                counts, messages = batch.counts, batch.messages
                if options["dry_run"]:
                    raise _Undo
        except _Undo:
            pass
        self._tell(counts, messages, options)
        if counts["rejected"]:
            sys.exit(1)

    def _import(self, path: Path, options: dict[str, Any]) -> ImportBatch:
        # Held from the reading on: two commands at once would otherwise both say what only one of them did.
        network = Network.objects.select_for_update().get(pk=self._network(options).pk)
        batch = deposit_import(
            actor=SYSTEM,
            network=network,
            filename=path.name,
            token=secrets.token_hex(16),
            as_draft=options["as_draft"],
        )
        # The file is read where it is: a copy of it in the data folder would serve nothing.
        batch = read_import(actor=SYSTEM, batch=batch, path=path)
        if batch.state == BatchState.WAITING and not options["dry_run"]:
            messages = batch.messages
            batch = apply_import(actor=SYSTEM, batch=batch)
            batch.messages = messages
        return batch

    def _network(self, options: dict[str, Any]) -> Network:
        network = Network.objects.filter(slug=options["network"]).first()
        if network is None and options["create_network"]:
            try:
                network = create_network(actor=SYSTEM, slug=options["network"], name=options["create_network"])
            except ValidationError as error:
                raise CommandError(f"Le réseau n'a pas été créé : {' '.join(error.messages)}") from error
            except IntegrityError:  # by another command, at this very moment
                network = Network.objects.get(slug=options["network"])
        if network is None:
            raise CommandError(
                f'Aucun réseau « {options["network"]} ». Ajoutez --create-network "Nom du réseau" pour le créer.'
            )
        return network

    def _tell(self, counts: dict[str, int], messages: list[dict[str, Any]], options: dict[str, Any]) -> None:
        if options["report"] == "json":
            self.stdout.write(json.dumps(report(counts, messages), ensure_ascii=False))
            return
        self.stdout.write(
            "Fiches lues : {read} (nouvelles : {created}, changées : {updated}, pareilles : {unchanged}, "
            "en contradiction : {conflicts}, refusées : {rejected}). Nombres à relire : {suggestions}.".format(**counts)
        )
        for message in messages:
            place = f"ligne {message['line']} : " if message["line"] else ""
            self.stdout.write(f"  {message['level']} {place}{message['text']}")
        if options["dry_run"]:
            self.stdout.write("Essai à blanc : rien n'a été écrit.")
