"""Tell the door the addresses of the accounts that exist; nobody proved them yet."""

from django.db import migrations


def tell(apps, schema_editor):
    user, address = apps.get_model("network", "User"), apps.get_model("account", "EmailAddress")
    known = set(address.objects.values_list("user_id", flat=True))
    address.objects.bulk_create(
        address(user_id=pk, email=email, primary=True, verified=False)
        for pk, email in user.objects.values_list("pk", "email")
        if pk not in known
    )


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0002_roles_in_structures"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
