from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "tisserand.search"
    label = "search"
    verbose_name = "Recherche"

    def ready(self) -> None:
        """Load what registers itself."""
        from tisserand.search import privacy  # noqa: F401
