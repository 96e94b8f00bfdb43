from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "tisserand.config"
    label = "config"
