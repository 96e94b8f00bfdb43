from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from tisserand.network.operations import erase_account
from tisserand.network.queries import account_at
from tisserand.privacy.journal import SYSTEM


class Command(BaseCommand):
    help = "Efface un compte et ce qui parle de la personne ; sans retour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="l'adresse du compte")

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_at(options["email"].strip().lower())
        if user is None:
            raise CommandError(_("Aucun compte à cette adresse."))
        try:
            erase_account(actor=SYSTEM, user=user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(_("Compte n° %(number)d effacé.") % {"number": user.pk})
