from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "tisserand.network"
    label = "network"
    verbose_name = "Réseau"

    def ready(self) -> None:
        """Load what registers itself."""
        # Operations and letters too: the worker loads no page, and must know the kinds of messages that it sends.
        from tisserand.network import merging, operations, privacy  # noqa: F401
        from tisserand.network.accounts import letters  # noqa: F401
        from tisserand.network.accounts import privacy as privacy_of_accounts  # noqa: F401
        from tisserand.network.operations import unused  # noqa: F401
