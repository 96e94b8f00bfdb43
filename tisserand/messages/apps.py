from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "tisserand.messages"
    label = "message_queue"  # Django's own messages hold the short label
    verbose_name = "Messages"

    def ready(self) -> None:
        """Load what registers itself."""
        from tisserand.messages import privacy  # noqa: F401
