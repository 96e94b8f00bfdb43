from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tisserand.common.ports import PortRefused, answer_on, check_port
from tisserand.demo.loading import PASSWORD, accounts, is_loaded, load_demo
from tisserand.network.enums import RoleKind


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Charge le réseau inventé s'il n'est pas là, dit comment entrer, et sert l'application."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_port("127.0.0.1", options["port"])  # before the loading, which takes a while
        except PortRefused as refused:
            raise CommandError(str(refused)) from refused
        address = answer_on(options["port"])
        if not is_loaded():
            self.stdout.write("Première fois : chargement du réseau inventé…")
            load_demo(self.stdout.write)
        self.stdout.write("")
        self.stdout.write(f"  {address}")
        self.stdout.write(f"  Équipe : {address}/connexion/ , mot de passe {PASSWORD}")
        for account in accounts():
            self.stdout.write(f"    {account['email']:<42} {RoleKind(account['role']).label}")
        if settings.EMAIL_FILE_PATH:
            self.stdout.write(f"  Lettres : chacune est un fichier dans {settings.EMAIL_FILE_PATH}")
        self.stdout.write("")
        self.stdout.flush()
        call_command("serve", port=options["port"])
