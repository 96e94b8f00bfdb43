from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "tisserand.actions"
    label = "actions"
    verbose_name = "Actions"

    def ready(self) -> None:
        """Load what registers itself in the engines."""
        from tisserand.actions import documents, figures, merging, privacy, search  # noqa: F401

        # The worker loads no page, and must know the kinds of messages that it sends; nights, what they do.
        from tisserand.actions.operations import digest, letters  # noqa: F401
