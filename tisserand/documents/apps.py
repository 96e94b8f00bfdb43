"""Django configuration of the printing engine; it has no models."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "tisserand.documents"
    label = "documents"
