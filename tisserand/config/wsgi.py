"""The WSGI application that a production server loads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tisserand.config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
