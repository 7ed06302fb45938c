"""What becomes of a comment's texts."""

from __future__ import annotations

import base64

import httpx
import msgspec
import pytest

from connectors.http import UnavailableError
from connectors.request_tracker.answers import Attachment
from connectors.request_tracker.notes import note_of
from tests.connectors.request_tracker.shelf import Row, Shelf
from tests.connectors.request_tracker.test_lists import result


def attachment(
    content: str, content_type: str = "text/plain", filename: str = "", length: int | str = ""
) -> Attachment:
    return Attachment("43", content_type, content, length, filename)


@pytest.mark.parametrize(
    ("attachments", "note"),
    [
        ([], ""),
        ([attachment("Réparé\r\n\r\n")], "Réparé"),
        ([attachment("<p>a</p>", "text/html"), attachment("a")], "a"),
        ([attachment("  "), attachment("<p>a</p>", "text/html")], "a"),
        ([attachment("LOG", filename="log.txt"), attachment("see the log")], "see the log"),
        ([attachment("LOG", filename="log.txt")], ""),
        ([attachment("x", "text/calendar")], ""),
        ([attachment("first"), attachment("second")], "first"),
    ],
)
def test_the_plain_text_of_the_message_is_the_note(attachments: list[Attachment], note: str) -> None:
    assert note_of(attachments) == note


@pytest.mark.parametrize(
    ("html", "note"),
    [
        ("<p>Two<br>lines &amp; <b>bold</b></p>", "Two\nlines & bold"),
        ("<style>p {}</style><script>x()</script><p>seen</p>", "seen"),
        ("<ul><li>one</li>\n<li>two</li></ul>", "one\ntwo"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("broken <b <p>still here", "broken still here"),
        ("1 &lt; 2 &nbsp; &eacute;", "1 < 2 é"),
    ],
)
def test_html_becomes_what_a_browser_shows(html: str, note: str) -> None:
    assert note_of([attachment(html, "text/html")]) == note


def test_base64_is_known_by_the_length_that_the_server_gives() -> None:
    encoded = base64.encodebytes("Réparé".encode()).decode()

    assert note_of([attachment(encoded, length="8")]) == "Réparé"
    assert note_of([attachment("Réparé", length=8)]) == "Réparé"
    assert note_of([attachment("abcd", length="4")]) == "abcd"
    assert note_of([attachment("abc", length="9")]) == "abc"


def texts_of(shelf: Shelf, count: int) -> dict[int, str]:
    texts = result(shelf.client.texts(range(1, count + 1)))
    return {number: note_of(attachments) for number, attachments in texts.items()}


def rows(count: int) -> list[Row]:
    return [
        {"id": str(number), "TransactionId": str(number), "ContentType": "text/plain", "Content": f"n{number}"}
        for number in range(1, count + 1)
    ]


def test_texts_come_fifty_transactions_at_a_time() -> None:
    requests: list[list[str]] = []

    def only_asked(request: httpx.Request) -> httpx.Response:
        query = msgspec.json.decode(dict(request.url.params)["query"])
        requests.append(query[0]["value"])
        found = [row for row in rows(120) if row["TransactionId"] in query[0]["value"]]
        return httpx.Response(200, json={"items": found, "total": len(found)})

    assert texts_of(Shelf({}, other=only_asked), 120) == {number: f"n{number}" for number in range(1, 121)}
    assert [len(each) for each in requests] == [50, 50, 20]


def test_a_text_that_the_server_fails_with_is_left_out_and_no_other() -> None:
    def fail_with_seven(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/attachments":
            return httpx.Response(200, json={"Version": "5.0.3"})
        asked = msgspec.json.decode(dict(request.url.params)["query"])[0]["value"]
        if "7" in asked:
            return httpx.Response(500, json={"message": "Internal Server Error"})
        found = [row for row in rows(20) if row["TransactionId"] in asked]
        return httpx.Response(200, json={"items": found, "total": len(found)})

    found = texts_of(Shelf({}, other=fail_with_seven), 20)

    assert found == {number: f"n{number}" for number in range(1, 21) if number != 7}


def test_a_server_that_fails_with_everything_leaves_no_note_blank() -> None:
    with pytest.raises(UnavailableError):
        texts_of(Shelf({}, other=lambda _: httpx.Response(500, json={"message": "Internal Server Error"})), 20)


def test_an_attachment_that_is_not_as_documented_costs_the_note_alone() -> None:
    odd: list[Row] = [{"id": "1", "TransactionId": "1", "Content": {"oddly": "nested"}}, *rows(2)[1:]]

    assert texts_of(Shelf({"attachments": odd}), 2) == {2: "n2"}
