"""The catalogue page of the demo: its weight, its requests, its queries, and p95 with 8 clients."""

import gzip
import re

from bench.instance import run, serve
from bench.machine import get, load, quantile, server, temporary_folder, told

QUERIES = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tisserand.config.server import collect_static
collect_static()
client = Client(headers={"host": "localhost"})
client.get("/actions/")
with CaptureQueriesContext(connection) as captured:
    client.get("/actions/?q=numerique")
print(len(captured))
"""


def main(port: int = 8033) -> None:
    variables = {"TISSERAND_DATA": str(temporary_folder())}
    run(variables, "from tisserand.demo.loading import load_demo; load_demo()")
    print(f"queries of a search: {run(variables, QUERIES).strip()}")
    with server(serve(port), port, variables):
        for path in ("/", "/actions/", "/actions/?q=numerique", "/chiffres/", "/structures/"):
            html = gzip.decompress(get(port, path)).decode()
            parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
            sizes = {part: len(gzip.compress(gunzip(get(port, part)), 9)) for part in dict.fromkeys(parts)}
            style = sum(size for part, size in sizes.items() if part.endswith(".css"))
            page = len(gzip.compress(html.encode(), 9))
            print(
                f"{path}: HTML {page:,} + CSS {style:,} = {page + style:,} bytes gzip; in all {len(sizes) + 1} requests, "
                f"{page + sum(sizes.values()):,} bytes"
            )
        for path in ("/actions/?q=numerique", "/"):
            rate, taken = load(port, [path], 8, 10)
            print(
                f"{path}, 8 clients: {rate:.0f} requests/s, {told(taken)} (p95 {quantile(taken, 0.95) * 1000:.0f} ms)"
            )


def gunzip(content: bytes) -> bytes:
    """The content itself, compressed in transit or not."""
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
