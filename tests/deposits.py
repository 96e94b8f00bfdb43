"""Files that people send, and files that nobody should: made here, so that none is kept among the sources.

`kept()` are what a sheet takes; `hostile()` what it refuses, or takes only after writing it anew.
"""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from functools import cache

from PIL import Image, ImageDraw

HTML = b"<!doctype html><html><body><script>alert('canari')</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert("canari")</script></svg>'
CANARIES = (b"canari", b"<script", b"<svg", b"<html", b"<?php", b"PK\x05\x06", b"MZ\x90", b"%PDF", b"Exif", b"GPS")
OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
MAIN = {
    "docx": ("word/document.xml", f"{OOXML}.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OOXML}.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OOXML}.presentationml.presentation.main+xml"),
}


def drawing(width=320, height=200, mode="RGB") -> Image.Image:
    """A weave, so that the file is not one flat colour."""
    made = Image.new("RGB", (width, height), "#fbfaf7")
    pen = ImageDraw.Draw(made)
    for x in range(0, width, 8):
        pen.line((x, 0, x, height), fill=(23, (x * 7) % 255, 110), width=3)
    for y in range(0, height, 8):
        pen.line((0, y, width, y), fill=((y * 5) % 255, 86, 40), width=2)
    return made.convert(mode)


def picture(format="JPEG", *, width=320, height=200, mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    drawing(width, height, mode).save(out, format, **options)
    return out.getvalue()


def located(orientation: int = 1) -> bytes:
    """A photo that says where it was taken, with what, and which way is up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "canari appareil"
    exif[0x8298] = "<?php canari"
    exif.get_ifd(0x8825).update({1: "N", 2: (49.0, 45.0, 30.0), 3: "E", 4: (4.0, 43.0, 12.0)})
    return picture(exif=exif, comment=HTML)


def pdf(body: bytes = b"", head: bytes = b"", tail: bytes = b"") -> bytes:
    objects = b"1 0 obj<</Type/Catalog/Pages 2 0 R" + body + b">>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    return b"%PDF-1.7\n" + head + objects + b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n" + tail


def packed(body: bytes) -> bytes:
    """An object of a PDF that stands compressed among others."""
    return (
        b"5 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>stream\r\n"
        + zlib.compress(b"6 0 " + body)
        + b"\nendstream endobj\n"
    )


def external(kind: str) -> bytes:
    """A part of a document that leads elsewhere."""
    target = (
        f'<Relationship Id="r1" Type="http://x.example/{kind}" Target="http://x.example/canari" TargetMode="External"/>'
    )
    return f"<Relationships>{target}</Relationships>".encode()


def archive(*parts: tuple[str, bytes], stored: tuple[str, ...] = (), comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            made.writestr(name, content, zipfile.ZIP_STORED if name in stored else None)
        made.comment = comment
    return out.getvalue()


def types(*content_types: str, prologue: str = "") -> bytes:
    overrides = "".join(f'<Override PartName="/p{n}" ContentType="{one}"/>' for n, one in enumerate(content_types))
    schema = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0" encoding="UTF-8"?>{prologue}<Types xmlns="{schema}">{overrides}</Types>'.encode()


def office(kind: str, *more: tuple[str, bytes], also: tuple[str, ...] = (), **options) -> bytes:
    """A document of Microsoft's formats, as small as they come."""
    part, main = MAIN[kind]
    return archive(("[Content_Types].xml", types(main, *also)), (part, b"<w/>"), *more, **options)


def opendocument(kind: str, *more: tuple[str, bytes], **options) -> bytes:
    parts = ("mimetype", f"{ODF}.{kind}".encode()), ("content.xml", b"<o/>"), ("META-INF/manifest.xml", b"<m/>")
    return archive(*parts, *more, stored=("mimetype",), **options)


def kept() -> dict[str, bytes]:
    """One file of each kind that a sheet takes."""
    return {
        "photo.jpg": picture(), "photo.png": picture("PNG"), "photo.webp": picture("WEBP"), "affiche.pdf": pdf(), "image.pdf": pdf(b"/P(\xff/JS\xff/JS )"),
        "texte.odt": opendocument("text"), "tableau.ods": opendocument("spreadsheet"),
        "diaporama.odp": opendocument("presentation"), "texte.docx": office("docx"), "tableau.xlsx": office("xlsx"),
        "diaporama.pptx": office("pptx"),
    }  # fmt: skip


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is larger than what it holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def scanned_again(times: int) -> bytes:
    """A progressive JPEG whose passes are repeated."""
    whole = picture(progressive=True)
    start, end = whole.index(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    return whole[:start] + whole[start:end] * times + whole[end:]


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        info = tarfile.TarInfo("../../canari")
        info.size = 6
        made.addfile(info, io.BytesIO(b"canari"))
    return out.getvalue()


def _locked() -> bytes:
    """A document whose parts say that they are encrypted."""
    whole = bytearray(office("docx"))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = whole.find(mark)
        while place >= 0:
            whole[place + (6 if mark[2] == 3 else 8)] |= 1
            place = whole.find(mark, place + 4)
    return bytes(whole)


def _twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", types(MAIN["docx"][1]))
        made.writestr("word/document.xml", b"<w/>")
        info = zipfile.ZipInfo("word/Document.xml")
        made.writestr(info, HTML)
    # The second name becomes the first one's: two parts answer to it.
    return out.getvalue().replace(b"word/Document.xml", b"word/document.xml")


@cache
def refused() -> dict[str, bytes]:
    """Names and contents that a sheet never keeps."""
    jpeg, webp, docx, odt = picture(), picture("WEBP"), office("docx"), opendocument("text")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    macros = ("application/vnd.ms-word.document.macroEnabled.main+xml",)
    entity = '<!DOCTYPE x [<!ENTITY m "macroEnabled">]>'
    part, main = MAIN["docx"]
    return {
        # what a browser runs
        "dessin.svg": SVG, "dessin.jpg": SVG, "declare.svg": b'<?xml version="1.0"?>' + SVG, "marque.png": b"\xef\xbb\xbf" + SVG,
        "dessin.svgz": gzip.compress(SVG), "page.html": HTML, "page.jpg": HTML, "page.pdf": HTML, "page.docx": HTML,
        "espaces.jpg": b" \n\t" + HTML, "script.js": b"alert('canari')", "page.php": b"<?php echo 'canari'; ?>",
        "page.xhtml": b'<?xml version="1.0"?>' + HTML, "page.mht": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML,
        # what a machine runs
        "photo.exe": b"MZ\x90\x00" + bytes(600), "photo.jpg.exe": b"MZ\x90\x00" + bytes(600), "exe.jpg": b"MZ\x90\x00" + bytes(600),
        "programme": b"\x7fELF" + bytes(600), "script.sh": b"#!/bin/sh\necho canari\n", "x.bat": b"@echo canari\r\n",
        "applet.jar": archive(("META-INF/MANIFEST.MF", b"Main-Class: Canari"), ("Canari.class", b"\xca\xfe\xba\xbe")),
        "app.apk": archive(("AndroidManifest.xml", b""), ("classes.dex", b"dex\n035")), "x.lnk": b"L\x00\x00\x00" + bytes(100),
        # other families
        "archive.zip": archive(("canari.txt", b"canari")), "archive.docx": archive(("canari.txt", b"canari")),
        "archive.tar": _tar(), "x.gz": gzip.compress(b"canari"), "x.7z": b"7z\xbc\xaf\x27\x1c" + bytes(60), "x.rar": b"Rar!\x1a\x07\x00" + bytes(60),
        "ancien.doc": ole, "ancien.jpg": ole, "texte.rtf": b"{\\rtf1 canari}", "texte.txt": b"canari", "tableau.csv": b"a;b\n1;2\n", "vide.jpg": b"",
        "un-octet.pdf": b"%", "anime.gif": picture("GIF"), "points.bmp": picture("BMP"), "scan.tiff": picture("TIFF"), "icone.ico": picture("ICO", width=64, height=64),
        "iphone.heic": struct.pack(">I", 24) + b"ftypheic" + bytes(600), "photo.avif": struct.pack(">I", 24) + b"ftypavif" + bytes(600),
        "film.mp4": struct.pack(">I", 24) + b"ftypisom" + bytes(600), "livre.epub": archive(("mimetype", b"application/epub+zip"), stored=("mimetype",)),
        # documents that run, or hide something
        "macros.docm": archive(("[Content_Types].xml", types(*macros)), (part, b"<w/>"), ("word/vbaProject.bin", ole)),
        "macros.docx": office("docx", ("word/vbaProject.bin", ole)), "declare.docx": office("docx", ("word/x.bin", ole), also=macros),
        "macros.xlsm": office("xlsx", ("xl/vbaProject.bin", ole)), "macros.pptm": office("pptx", ("ppt/vbaProject.bin", ole)),
        "actif.xlsx": office("xlsx", ("xl/activeX/activeX1.bin", ole)), "objet.docx": office("docx", ("word/embeddings/oleObject1.bin", ole)),
        "programme.docx": office("docx", ("word/embeddings/canari.exe", b"MZ\x90")), "modele.dotx": archive(("[Content_Types].xml", types(main.replace("document.main", "template.main"))), (part, b"<w/>")),
        "entite.docx": archive(("[Content_Types].xml", types(main, "&m;", prologue=entity)), (part, b"<w/>")), "autre.docx": archive(("[Content_Types].xml", types(main).decode().replace("UTF-8", "UTF-16").encode("utf-16")), (part, b"<w/>")),
        "deux.docx": archive(("[Content_Types].xml", types(main, MAIN["xlsx"][1])), (part, b"<w/>")), "casse.docx": archive(("[Content_Types].xml", b"<Types"), (part, b"<w/>")),
        "basic.odt": opendocument("text", ("Basic/Standard/Module1.xml", b"canari")), "scripts.odt": opendocument("text", ("Scripts/python/canari.py", b"canari")),
        "modele.ott": opendocument("text-template"), "serre.odt": archive(("mimetype", f"{ODF}.text".encode()), ("content.xml", b""), ("META-INF/manifest.xml", b"")),
        "bombe.docx": office("docx", ("word/media/zeros.bin", bytes(30_000_000))), "parts.docx": office("docx", *((f"word/{n}", b"") for n in range(2_001))),
        "chemin.docx": office("docx", ("../../canari.sh", b"canari")), "racine.docx": office("docx", ("/etc/canari", b"canari")), "deux-fois.docx": _twice(),
        "devant.docx": HTML + docx, "derriere.docx": docx + HTML, "remarque.docx": office("docx", comment=HTML), "derriere.odt": odt + HTML,
        "coupe.docx": docx[:-30], "secret.docx": _locked(),
        "distant.docx": office("docx", ("word/_rels/settings.xml.rels", external("attachedTemplate"))), "lie.docx": office("docx", ("word/_rels/document.xml.rels", external("image"))),
        "dde.docx": office("docx", ("word/footer1.xml", b"<w:instrText>DDEAUTO canari</w:instrText>")), "cache.docx": office("docx", ("word/embeddings/package1.bin", b"MZ\x90")),
        "dde.ods": opendocument("spreadsheet", ("Object 1/content.xml", b'<c table:formula="of:=DDE(1)"/>')), "appel.odt": opendocument("text", ("styles.xml", b'<a xlink:href="vnd.sun.star.script:canari"/>')),
        # PDF that are something else too
        "coupe.pdf": pdf()[:40], "page-dedans.pdf": pdf(head=HTML + b"\n"), "svg-dedans.pdf": pdf(head=SVG), "archive-derriere.pdf": pdf(tail=archive(("canari", b"canari"))),
        "epele.pdf": pdf(b"/OpenAction<</S/J#61vaScript/J#53(canari)>>"), "joint.pdf": pdf(b"/Names<</EmbeddedFile 3 0 R>>"), "range.pdf": pdf(head=packed(b"<</S/JavaScript/JS(canari)>>")),
        "programme.pdf": pdf(b"/OpenAction<</S/JavaScript/JS(canari)>>"), "lance.pdf": pdf(b"/OpenAction<</S/Launch/F(canari.exe)>>"), "devant.pdf": b"GIF89a" + pdf(),
        # pictures that are not, or that would fill the memory
        "entete.jpg": b"\xff\xd8\xff\xe0" + HTML, "coupe.jpg": jpeg[: len(jpeg) // 2], "entete.png": b"\x89PNG\r\n\x1a\n" + HTML, "entete.webp": b"RIFF\x00\x00\x00\x00WEBP" + HTML,
        "coupe.webp": webp[: len(webp) // 2], "immense.png": png_of(60_000, 60_000), "menteur.png": png_of(3_000, 3_000), "passes.jpg": scanned_again(20),
        # too heavy
        "lourd.jpg": jpeg + bytes(20 * 1024 * 1024), "lourd.pdf": pdf(tail=b"\n" * (20 * 1024 * 1024)),
    }  # fmt: skip


def rewritten() -> dict[str, bytes]:
    """Pictures that are something else too: kept once nothing but their dots is left."""
    jpeg, png, webp = picture(), picture("PNG"), picture("WEBP")
    return {
        "archive-derriere.jpg": jpeg + archive(("canari.html", HTML)), "page-derriere.jpg": jpeg + HTML, "lieu.jpg": located(),
        "programme-derriere.png": png + b"MZ\x90\x00canari", "page-derriere.webp": webp + HTML, "document.jpg": jpeg + pdf(),
        "../../../etc/canari.jpg": jpeg, "..\\..\\canari.png": png, "C:\\canari.jpg": jpeg, "/etc/passwd": png, "photo.html": jpeg,
        "photo.svg": png, "photo.php\u0000.jpg": jpeg, "\u202egpj.exe": jpeg, "a" * 400 + ".jpg": jpeg, "photo.pdf": webp,
        "<script>canari</script>.jpg": jpeg,
    }  # fmt: skip
