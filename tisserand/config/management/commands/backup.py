from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from tisserand.config.backup.taking import BackupRefused, take_backup


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Sauvegarde l'instance (base, fichiers déposés, clé) dans une archive, sans l'arrêter."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="l'archive à écrire, par exemple tisserand.tar.gz")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            taken = take_backup(path=options["file"])
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(_("La sauvegarde n'a pas pu être écrite : %(error)s") % {"error": error}) from error
        self.stdout.write(
            _("%(path)s : %(rows)d lignes, %(files)d fichiers, %(size).1f Mo.")
            % {"path": options["file"], "rows": taken.rows, "files": taken.files, "size": taken.bytes / 1e6}
        )
        self.stdout.write(_("Elle contient la clé secrète et des données personnelles : rangez-la en lieu sûr."))
        if taken.changed:
            told = _("Les tables ont été changées à la main : cette archive serait refusée. %(differences)s")
            self.stderr.write(told % {"differences": taken.changed})
        if taken.unlisted:
            told = _("La liste des comptes effacés n'a pas pu être écrite à côté : %(reason)s")
            self.stderr.write(told % {"reason": taken.unlisted})
        for name in taken.missing:
            self.stderr.write(_("Un fichier est nommé dans la base et absent du dossier : %(name)s") % {"name": name})
