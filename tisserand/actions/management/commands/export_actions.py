import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tisserand.actions.exports import CONTENT_TYPES, Headings, write
from tisserand.actions.models import Action
from tisserand.actions.queries import with_content
from tisserand.network.models import Network


class Command(BaseCommand):
    help = "Exporte les fiches d'un réseau, brouillons compris, sur la sortie standard ou dans un fichier."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--network", required=True, metavar="SLUG")
        parser.add_argument("--format", required=True, choices=sorted(CONTENT_TYPES))
        parser.add_argument("--output", type=Path, metavar="FILE", help="fichier (sinon la sortie standard)")
        parser.add_argument(
            "--labels",
            action="store_true",
            help="tableaux comme sur les pages : colonnes en français, CSV qui s'ouvre dans Excel",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        network = Network.objects.filter(slug=options["network"]).first()
        if network is None:
            raise CommandError(f"Aucun réseau « {options['network']} ».")
        ids = Action.objects.filter(network=network).order_by("pk")
        actions = with_content(ids).iterator(chunk_size=500)
        # Written whole before it is shown: who reads the output may stop half-way, a workbook may not.
        headings = Headings.labels() if options["labels"] else Headings.codes()
        with options["output"].open("wb") if options["output"] else tempfile.TemporaryFile() as file:
            warnings = write(file, options["format"], actions, headings, network.name)
            if not options["output"]:
                _show(file)
        for warning in warnings:
            self.stderr.write(warning)


def _show(file: BinaryIO) -> None:
    file.seek(0)
    try:
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough (`| head`). What Python still holds must not fail when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
