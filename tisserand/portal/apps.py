from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tisserand.portal"
    label = "portal"
