"""The text of a comment: what a person wrote, out of what RT keeps of it."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from html.parser import HTMLParser

from connectors.request_tracker.answers import Attachment

_BLOCKS = frozenset({"address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"})
_TABLES = frozenset({"pre", "table", "tr", "ul"})
_UNSEEN = frozenset({"head", "script", "style", "title"})


def note_of(attachments: Iterable[Attachment]) -> str:
    """The first text that is no file of its own, plain rather than HTML; "" when there is none."""
    texts = [each for each in attachments if not each.filename]
    for content_type in ("text/plain", "text/html"):
        for each in texts:
            if each.content_type.lower() == content_type and (text := _content(each)).strip():
                return (_without_tags(text) if content_type == "text/html" else text).replace("\r\n", "\n").strip()
    return ""


def _content(attachment: Attachment) -> str:
    """The text. Lists give it as it is and single records in base64; its length in bytes says which it is."""
    content = attachment.content
    length = str(attachment.content_length)
    if not length or str(len(content.encode("utf-8", "surrogatepass"))) == length:
        return content
    try:
        decoded = b64decode(content)
    except binascii.Error:
        return content
    return decoded.decode("utf-8", "replace") if str(len(decoded)) == length else content


def _without_tags(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(parser.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


class _Text(HTMLParser):
    """Collects what a browser would show as text; blocks begin and end on lines of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line where a block begins."""
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS or tag in _TABLES:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        """Break the line where a block ends; cells of a table are set apart."""
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in _BLOCKS or tag in _TABLES:
            self._break()

    def handle_data(self, data: str) -> None:
        """Keep the text; line ends of the source are no line ends of the page."""
        between_blocks = data.isspace() and self.parts[-1:] in ([], ["\n"])
        if not self._unseen and not between_blocks:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _break(self) -> None:
        if self.parts and self.parts[-1] != "\n":
            self.parts.append("\n")
