from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from tisserand.config.backup.archive import ArchiveRefused
from tisserand.config.backup.restoring import Restored, restore_backup
from tisserand.config.backup.verifying import RestoreRefused


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Remet une sauvegarde en place, dans une instance vide ou, avec --replace, à la place d'une autre."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="une archive écrite par « tisserand backup »")
        parser.add_argument("--replace", action="store_true", help="met de côté l'instance présente, puis la remplace")
        parser.add_argument(
            "--erasures", type=Path, metavar="LIST", action="append", default=[],
            help="une liste de comptes effacés depuis, en plus de celles que la machine connaît",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore_backup(path=options["file"], replace=options["replace"], lists=options["erasures"])
        except (ArchiveRefused, RestoreRefused) as refused:
            raise CommandError(" ".join((str(refused), _("Rien n'a été changé.")))) from refused
        except (DatabaseError, OSError) as error:
            raise CommandError(_("La restauration n'a pas abouti : %(error)s") % {"error": error}) from error
        self._tell(restored)

    def _tell(self, restored: Restored) -> None:
        self.stdout.write(
            _("Sauvegarde du %(date)s remise en place : %(rows)d lignes, %(files)d fichiers.")
            % {"date": restored.created_at, "rows": restored.rows, "files": restored.files}
        )
        if restored.upgraded:
            self.stdout.write(_("Elle venait d'une version antérieure : la base a été mise à jour."))
        if restored.erased:
            self.stdout.write(_("Comptes effacés de nouveau : %(n)d.") % {"n": restored.erased})
        if not restored.listed:
            self.stdout.write(
                _(
                    "Aucune liste de comptes effacés n'a été trouvée. S'il y en a eu depuis cette sauvegarde : "
                    "tisserand erasures --replay LISTE"
                )
            )
        if restored.held:
            self.stdout.write(
                _("Messages qui attendaient : %(count)d. Peut-être partis depuis, ils ne partiront pas d'ici.")
                % {"count": restored.held}
            )
        if restored.missing:
            self.stdout.write(
                _("Fichiers absents dès la sauvegarde : %(names)s") % {"names": ", ".join(restored.missing)}
            )
        if restored.aside:
            self.stdout.write(
                _("L'ancienne instance est dans %(place)s : effacez-la quand vous n'en avez plus besoin.")
                % {"place": settings.DATA / restored.aside}
            )
        if restored.schema:
            self.stdout.write(
                _("Son ancienne base est dans le schéma « %(schema)s » : DROP SCHEMA %(schema)s CASCADE l'efface.")
                % {"schema": restored.schema}
            )
        self.stdout.write(_("Les sessions ne sont pas sauvegardées : chacun se connecte à nouveau."))
