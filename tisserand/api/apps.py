from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tisserand.api"
    label = "api"
