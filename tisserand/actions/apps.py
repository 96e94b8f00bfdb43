from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "tisserand.actions"
    label = "actions"
    verbose_name = "Actions"

    def ready(self) -> None:
        """Load what registers itself in the engines."""
        from tisserand.actions import documents, figures, merging, privacy, search  # noqa: F401
