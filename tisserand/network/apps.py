from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "tisserand.network"
    label = "network"
    verbose_name = "Réseau"

    def ready(self) -> None:
        """Load what registers itself."""
        from tisserand.network import privacy  # noqa: F401
        from tisserand.network.accounts import privacy as privacy_of_accounts  # noqa: F401
