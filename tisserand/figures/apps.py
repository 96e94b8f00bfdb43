from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "tisserand.figures"
    label = "figures"
    verbose_name = "Chiffres"

    def ready(self) -> None:
        """Load what registers itself."""
        from tisserand.figures import privacy  # noqa: F401
