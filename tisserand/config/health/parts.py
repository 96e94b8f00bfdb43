"""The parts that an instance is made of: database, worker, mail."""

import smtplib
import time
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import NotSupportedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks_db.models import DBTaskResult

from tisserand.config.health.findings import ERROR, OK, WARN, Finding
from tisserand.config.sqlite_library import is_wal_safe
from tisserand.config.worker import BEAT, beat_file
from tisserand.messages.queries import troubled

_DEAD = 6 * BEAT  # seconds without a sign of life
_LATE = timedelta(minutes=10)  # of a task that nobody takes


def database() -> Finding:
    """Whether it answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Finding(
            ERROR,
            "database",
            _("La base de données ne répond pas (%(kind)s).") % {"kind": type(error).__name__},
            _("Vérifiez que PostgreSQL est en marche, TISSERAND_DATABASE_URL, et les droits sur le dossier."),
        )
    return Finding(OK, "database", _("La base de données répond : %(engine)s") % {"engine": connection.display_name})


def library() -> Finding:
    """The version of the engine, and SQLite's journal mode: before 3.51.3, WAL can damage a database."""
    if connection.vendor != "sqlite":
        try:
            connection.check_database_version_supported()
        except NotSupportedError as error:
            remedy = _("Mettez PostgreSQL à jour.")
            return Finding(ERROR, "engine", str(error), remedy)
        version = str(connection.pg_version)  # type: ignore[attr-defined]
        return Finding(OK, "engine", _("PostgreSQL %(version)s") % {"version": f"{version[:2]}.{int(version[2:])}"})
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = str(cursor.fetchone()[0]).upper()
    text = _("SQLite %(version)s, journal %(mode)s") % {
        "version": ".".join(map(str, settings.SQLITE_VERSION)),
        "mode": mode,
    }
    if is_wal_safe(settings.SQLITE_VERSION):
        return Finding(OK, "engine", text)
    remedy = _("Installez pysqlite3 (make .venv/.runtime) : cette version de SQLite a un défaut en mode WAL.")
    return Finding(ERROR if mode == "WAL" else WARN, "engine", text, remedy)


def migrations() -> Finding:
    """Whether the tables are those of this version."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    known_apps = executor.loader.migrated_apps
    if any(app in known_apps for app, _name in unknown):
        return Finding(
            ERROR,
            "migrations",
            _("La base a été mise à jour par une version plus récente que celle-ci."),
            _("Revenez à cette version, ou remettez la sauvegarde d'avant la mise à jour."),
        )
    if plan:
        text = ngettext(
            "La base attend %(count)d mise à jour.", "La base attend %(count)d mises à jour.", len(plan)
        ) % {"count": len(plan)}
        return Finding(WARN, "migrations", text, _("Le prochain démarrage les fera ; sauvegardez d'abord."))
    return Finding(OK, "migrations", _("La base est à jour."))


def worker() -> Finding:
    """Whether someone does the long work and sends the messages."""
    remedy = _("« tisserand serve » en lance un ; sans lui, lancez « tisserand worker ».")
    try:
        age = time.time() - beat_file().stat().st_mtime
    except OSError:
        return Finding(ERROR, "worker", _("Personne ne fait les travaux longs."), remedy)
    if age > _DEAD:
        text = _("Les travaux longs sont arrêtés depuis %(minutes)d minutes.") % {"minutes": max(1, age // 60)}
        return Finding(ERROR, "worker", text, remedy)
    return Finding(OK, "worker", _("Les travaux longs sont faits."))


def queue() -> Finding:
    """Whether work waits for too long."""
    late = DBTaskResult.objects.ready().filter(enqueued_at__lt=timezone.now() - _LATE).count()
    if not late:
        return Finding(OK, "queue", _("Aucun travail n'attend."))
    text = ngettext(
        "%(count)d travail attend depuis dix minutes.", "%(count)d travaux attendent depuis dix minutes.", late
    ) % {"count": late}
    return Finding(
        WARN, "queue", text, _("Regardez si un import est très long ; lancez un second « tisserand worker ».")
    )


def mail() -> list[Finding]:
    """Whether messages can leave, and whether some did not."""
    found = [_mail_server()]
    lost = troubled(timezone.now()).count()
    if lost:
        text = ngettext("%(count)d message n'est pas parti.", "%(count)d messages ne sont pas partis.", lost)
        remedy = _("Vérifiez l'adresse du serveur de courrier, puis renvoyez les invitations depuis leur page.")
        found.append(Finding(WARN, "messages", text % {"count": lost}, remedy))
    return found


def _mail_server() -> Finding:
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return Finding(
            WARN,
            "mail",
            _("Aucun serveur de courrier : chaque message est un fichier dans le dossier courrier."),
            _("Donnez TISSERAND_MAIL_URL."),
        )
    try:
        server = get_connection()
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        # Its kind only: a server quotes the account that it refuses.
        return Finding(
            ERROR,
            "mail",
            _("Le serveur de courrier ne répond pas comme il faut (%(kind)s).") % {"kind": type(error).__name__},
            _("Vérifiez TISSERAND_MAIL_URL : hôte, port, nom et mot de passe."),
        )
    return Finding(OK, "mail", _("Le serveur de courrier répond."))
