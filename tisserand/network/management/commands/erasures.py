from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from tisserand.network.operations import replay
from tisserand.privacy.erasures import ListRefused, add_to_list, read_list
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import Erasure


class Command(BaseCommand):
    help = "La liste des comptes effacés, sans nom ni adresse : l'écrire, ou effacer de nouveau après une restauration."

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--export", type=Path, metavar="FILE", help="écrit la liste, ou la complète")
        choice.add_argument("--replay", type=Path, metavar="FILE", help="efface de nouveau les comptes de cette liste")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["export"]:
                told = _("Effacements connus : %(n)d, écrits dans %(path)s.")
                known = add_to_list(options["export"], Erasure.objects.all())
                self.stdout.write(told % {"n": known, "path": options["export"]})
            elif options["replay"]:
                if not options["replay"].is_file():
                    raise CommandError(_("Le fichier %(path)s n'existe pas.") % {"path": options["replay"]})
                again = replay(actor=SYSTEM, known=read_list(options["replay"]).values())
                self.stdout.write(_("Comptes effacés de nouveau : %(n)d.") % {"n": again})
            else:
                self.stdout.write(_("Effacements connus : %(n)d.") % {"n": Erasure.objects.count()})
        except (ListRefused, OSError) as refused:
            raise CommandError(str(refused)) from refused
