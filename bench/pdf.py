"""The PDF of a sheet, from data to file, against the same page by WeasyPrint."""

import json
import statistics
import subprocess

from bench.instance import run
from bench.machine import environment, temporary_folder, told

OURS = """
import time
from tisserand.actions.models import Action
from tisserand.actions.queries import with_content
from tisserand.documents.registry import render
sheets = list(with_content(Action.objects.all()).prefetch_related("facts")[:40])
render("actions.sheet", (sheets[0], "http://localhost/actions/1/"), "pdf")
for sheet in sheets[1:]:
    start = time.perf_counter()
    render("actions.sheet", (sheet, "http://localhost/actions/1/"), "pdf")
    print(time.perf_counter() - start)
"""
DATA = """
import json
from tisserand.actions.documents import sheet_data
from tisserand.actions.models import Action
from tisserand.actions.queries import with_content
sheets = with_content(Action.objects.all()).prefetch_related("facts")[:40]
print(json.dumps([sheet_data((sheet, "")) for sheet in sheets], default=str))
"""
PEER = r'''
import html, json, sys, time
from weasyprint import HTML
STYLE = """@page { size: A4; margin: 14mm 18mm 18mm } body { font: 10.2pt Lato, sans-serif } h1 { font: 700 28pt serif }
h2 { font-size: 9pt; color: #1d5b73 } .grid { display: grid; grid-template-columns: 42.5mm 1fr; gap: 8mm }
.band { display: grid; grid-template-columns: 1fr 1fr 1fr; background: #f7f2ea; gap: 4mm }"""
def blocks(passages):
    out = []
    for passage in passages:
        out.append(f"<section><h2>{html.escape(passage['label'])}</h2>")
        for block in passage["blocks"]:
            if block["kind"] == "p":
                out.append(f"<p>{html.escape(block['text'])}</p>")
            else:
                out.append("<ul>" + "".join(f"<li>{html.escape(i)}</li>" for i in block["items"]) + "</ul>")
        out.append("</section>")
    return "".join(out)
def page(data):
    rail = "".join(f"<dt>{html.escape(f['label'])}</dt><dd>{html.escape(', '.join(f['values']))}</dd>" for f in data["rail"])
    lead = "".join(f"<p>{html.escape(p)}</p>" for p in (data["lead"] or {}).get("paragraphs", []))
    return (f"<html lang=fr><title>{html.escape(data['title'])}</title><style>{STYLE}</style><h1>{html.escape(data['title'])}</h1>"
            f"<div class=grid><dl>{rail}</dl><div>{lead}{blocks(data['sections'])}</div></div>"
            f"<div class=band>{blocks(data['band'])}</div>{blocks(data['foot'])}</html>")
sheets = json.load(open(sys.argv[1]))
HTML(string=page(sheets[0])).write_pdf(pdf_variant="pdf/ua-1")
for sheet in sheets[1:]:
    start = time.perf_counter()
    HTML(string=page(sheet)).write_pdf(pdf_variant="pdf/ua-1")
    print(time.perf_counter() - start)
'''


def main() -> None:
    folder = temporary_folder()
    variables = {"TISSERAND_DATA": str(folder / "data")}
    run(variables, "from tisserand.demo.loading import load_demo; load_demo()")
    (folder / "sheets.json").write_text(json.dumps(json.loads(run(variables, DATA))))
    (folder / "peer.py").write_text(PEER)
    python = environment("weasyprint", "weasyprint==70.0")

    def peer() -> list[float]:
        command = [str(python), folder / "peer.py", folder / "sheets.json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [float(line) for line in done.stdout.split()]

    first = peer()
    ours = [float(line) for line in run(variables, OURS).split()]
    last = peer()
    best = min(statistics.median(first), statistics.median(last))
    print(f"ours, from the record to the file, tagged: {told(ours)}")
    print(f"WeasyPrint, from the same data to the file: {told(first)}; again {told(last)}")
    print(f"ratio: {best / statistics.median(ours):.1f} ×")
