"""What the machine gives: Python, room, rights, time, backups."""

import json
import os
import platform
import shutil
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand import __version__
from tisserand.config.backup.taking import LAST
from tisserand.config.health.findings import ERROR, OK, WARN, Finding
from tisserand.privacy.models import JournalEntry

_TIGHT, _FULL = 1_000_000_000, 200_000_000  # bytes
_DRIFT = 5  # seconds between two clocks that agree
_TOO_OLD = timedelta(hours=48)  # two nights


def python() -> Finding:
    """Which versions run."""
    text = _("Tisserand %(version)s, Python %(python)s") % {
        "version": __version__,
        "python": platform.python_version(),
    }
    return Finding(OK, "python", text)


def disk() -> Finding:
    """Room on the disk of the data folder: to write, and to make the next backup."""
    free = shutil.disk_usage(settings.DATA).free
    database = settings.DATA / "tisserand.sqlite3"
    needed = max(_TIGHT, 2 * database.stat().st_size if database.exists() else 0)
    text = _("Place libre sur le disque des données : %(free).1f Go") % {"free": free / 1e9}
    if free >= needed:
        return Finding(OK, "disk", text)
    remedy = _("Libérez de la place, ou agrandissez le disque : pleine, l'instance n'enregistre plus rien.")
    return Finding(ERROR if free < _FULL else WARN, "disk", text, remedy)


def rights() -> list[Finding]:
    """Who may read the data folder and the key."""
    folder, key = Path(settings.DATA), settings.DATA / "secret_key"
    found = []
    if not os.access(folder, os.W_OK):
        found.append(
            Finding(
                ERROR,
                "rights",
                _("Le dossier %(path)s n'est pas ouvert en écriture.") % {"path": folder},
                _("Lancez la commande avec l'utilisateur du service, ou donnez-lui le dossier (chown)."),
            )
        )
    if folder.stat().st_mode & 0o077:
        found.append(
            Finding(
                WARN,
                "rights",
                _("Le dossier %(path)s est ouvert à d'autres utilisateurs de la machine.") % {"path": folder},
                _("chmod 700 %(path)s") % {"path": folder},
            )
        )
    if key.stat().st_mode & 0o077:
        found.append(
            Finding(
                ERROR,
                "rights",
                _("La clé secrète peut être lue par d'autres utilisateurs de la machine."),
                _("chmod 600 %(path)s ; si quelqu'un a pu la lire, effacez-la : chacun se connectera à nouveau.")
                % {"path": key},
            )
        )
    return found or [Finding(OK, "rights", _("Droits du dossier et de la clé : à leur seul propriétaire"))]


def clock() -> Finding:
    """The time of this machine against that of the disk, of PostgreSQL and of the last journal entry."""
    now = timezone.now()
    last = JournalEntry.objects.order_by("-pk").values_list("at", flat=True).first()
    if last and last > now + timedelta(seconds=_DRIFT):
        text = _("L'horloge retarde : le dernier geste du journal est daté du %(date)s.") % {
            "date": f"{timezone.localtime(last):%Y-%m-%d %H:%M}"
        }
    elif (drift := max(_drift_of_disk(), _drift_of_database())) > _DRIFT:
        text = _("L'horloge et celle de la base ou du disque diffèrent de %(seconds)d secondes.") % {"seconds": drift}
    else:
        return Finding(OK, "clock", _("Horloge : %(date)s") % {"date": f"{timezone.localtime(now):%Y-%m-%d %H:%M}"})
    remedy = _("Mettez la machine à l'heure (timedatectl set-ntp true).")
    return Finding(ERROR, "clock", text, remedy)


def _drift_of_disk() -> float:
    with tempfile.NamedTemporaryFile(dir=settings.DATA) as file:
        return abs(os.fstat(file.fileno()).st_mtime - time.time())


def _drift_of_database() -> float:
    if connection.vendor == "sqlite":  # the clock of this machine
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return abs((moment - timezone.now()).total_seconds())


def backup_age() -> Finding:
    """When the last backup was taken."""
    remedy = _("Prévoyez « tisserand backup » chaque nuit, vers un autre disque.")
    try:
        last = json.loads((settings.DATA / LAST).read_text())
        moment = datetime.fromisoformat(last["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(WARN, "backup", _("Aucune sauvegarde n'a été faite d'ici."), remedy)
    text = _("Dernière sauvegarde : %(date)s, %(size).1f Mo") % {
        "date": f"{timezone.localtime(moment):%Y-%m-%d %H:%M}",
        "size": last.get("bytes", 0) / 1e6,
    }
    return Finding(OK, "backup", text) if timezone.now() - moment < _TOO_OLD else Finding(WARN, "backup", text, remedy)


def leftovers() -> list[Finding]:
    """Instances that a restore put aside: nothing erases what they hold about people."""
    aside = sorted(Path(settings.DATA).glob("avant-*"))
    if not aside:
        return []
    names = ", ".join(path.name for path in aside)
    text = _("Une ancienne instance est restée de côté : %(names)s") % {"names": names}
    return [Finding(WARN, "leftovers", text, _("Effacez-la dès que la restauration est vérifiée."))]
