from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "tisserand.figures"
    label = "figures"
