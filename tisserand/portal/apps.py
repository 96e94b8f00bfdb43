from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tisserand.portal"
    label = "portal"

    def ready(self) -> None:
        """Load what registers itself."""
        from tisserand.portal import documents  # noqa: F401
