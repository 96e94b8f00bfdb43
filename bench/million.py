"""A million sheets on both databases: the API's answer (goal: p95 ≤ 150 ms, 1 client)."""

from bench.instance import instance, size
from bench.machine import FOLDER, postgresql
from bench.search import measure

COUNT = 1_000_000


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    variables = instance(COUNT)
    print(f"SQLite, {size(variables['TISSERAND_DATA']):,.0f} MB")
    measure(variables)
    with postgresql() as address:
        if address:
            print("\nPostgreSQL")
            measure(instance(COUNT, address))
        else:
            print("PostgreSQL: no server here, not measured")
