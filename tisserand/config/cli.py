"""The `tisserand` command: Django's own commands, with our settings, on a database that is ready."""

import os
import sys

import django
from django.core.management import execute_from_command_line
from django.core.management.base import CommandError

from tisserand.config.prepare import prepare_database

# These run without a database, or make one themselves.
_NEEDS_NO_DATABASE = {
    "", "help", "--help", "-h", "--version", "version", "check", "collectstatic", "makemigrations", "migrate",
    "diffsettings", "doctor", "restore",
}  # fmt: skip


def main() -> None:
    """Run one command; the database of an empty data folder is prepared first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tisserand.config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in _NEEDS_NO_DATABASE and not {"--help", "-h"} & set(sys.argv):
        django.setup()
        try:
            prepare_database()
        except CommandError as error:
            sys.exit(f"CommandError: {error}")
    from tisserand.config.logs import tell_crashes  # once the settings are known

    tell_crashes()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
