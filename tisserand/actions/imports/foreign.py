"""Files that hold no sheets, told by their content: what they are, and what to do with them."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from tisserand.actions.imports.records import FileRefused

HEAD = 512  # bytes read to recognise a format
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")


def refuse_foreign(head: bytes) -> None:
    """Refuse a file that its first bytes name.

    Raises:
        FileRefused: the first sentence says what it is, the second what to do.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%PDF"):
        raise FileRefused(_("C'est un PDF. Copiez son texte dans un fichier, ou demandez le fichier d'origine."))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(_("C'est un ancien format d'Office. Enregistrez le fichier en XLSX ou en ODS."))
    if head.startswith(_IMAGES) or head[8:12] == b"WEBP":
        raise FileRefused(_("C'est une image. Demandez le fichier d'où elle vient, ou recopiez son texte."))
    if head.startswith(_PACKED):
        raise FileRefused(_("C'est une archive compressée. Ouvrez-la, puis déposez le fichier qu'elle contient."))
    if text.startswith(b"{\\rtf"):
        raise FileRefused(_("C'est un document RTF. Enregistrez-le en texte (.txt), ou mettez les fiches en tableau."))
    if text.startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise FileRefused(
            _("C'est une page web ou un fichier XML. Copiez son tableau dans un tableur, et enregistrez-le en XLSX.")
        )


def refuse_archive(names: Collection[str]) -> None:
    """Refuse an archive that is no workbook.

    Raises:
        FileRefused: a document, a presentation, or anything else that comes as a zip.
    """
    if "word/document.xml" in names or "ppt/presentation.xml" in names or "content.xml" in names:
        raise FileRefused(
            _("C'est un document, pas un tableau. Enregistrez-le en texte (.txt), ou mettez les fiches en tableau.")
        )
    raise FileRefused(
        _("Cette archive n'est ni un classeur XLSX ni un classeur ODS. Ouvrez-la, puis déposez ce qu'elle contient.")
    )
