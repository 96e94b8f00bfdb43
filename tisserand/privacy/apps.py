from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "tisserand.privacy"
    label = "privacy"
    verbose_name = "Vie privée"

    def ready(self) -> None:
        """Load what registers itself."""
        from tisserand.privacy import privacy, retention  # noqa: F401
