from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "tisserand.common"
    label = "common"
