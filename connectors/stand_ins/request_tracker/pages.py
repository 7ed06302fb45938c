"""How the stand-in cuts a list into pages, and how it counts them."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from connectors.stand_ins.request_tracker.answers import record_answer, reference, shown
from connectors.stand_ins.request_tracker.fields import Fields
from connectors.stand_ins.request_tracker.view import View
from connectors.stand_ins.server import Answer, Json

PER_PAGE, MOST_PER_PAGE = 20, 100


def page(
    view: View, kind: str, found: Sequence[Fields], *, hidden: Collection[int] = (), counted: bool = True
) -> Answer:
    """One page; `hidden` records take their place on it and are not shown. Without `counted` nobody says how many."""
    per_page = min(_whole(view.query.get("per_page"), PER_PAGE), MOST_PER_PAGE)
    number, pages = _whole(view.query.get("page"), 1), math.ceil(len(found) / per_page)
    on_page = [fields for fields in found[(number - 1) * per_page : number * per_page] if fields["id"] not in hidden]
    items = [_item(view, kind, fields) for fields in on_page]
    listing: Json = {"count": len(items), "per_page": per_page, "page": number, "items": items}
    if not counted:
        return record_answer({**listing, "total": None, "pages": None})
    listing |= {"total": len(found), "pages": pages or 0.0}
    if number < pages:
        listing["next_page"] = _url(view, number + 1)
    if pages and number > 1:
        listing["prev_page"] = _url(view, min(number - 1, pages))
    return record_answer(listing)


def _item(view: View, kind: str, fields: Fields) -> Json:
    """An id, and the fields that were asked for; one that does not exist is an empty string."""
    item = reference(view.asked, kind, fields["id"])
    for name in filter(None, view.query.get("fields", "").split(",")):
        # Asked for by name, an id is a number here too.
        value = int(fields["id"]) if name == "id" else shown(view.asked, view.query, name, fields.get(name, ""))
        item[name] = value
    return item


def _url(view: View, number: int) -> str:
    rest = {name: value for name, value in view.asked.query.items() if name != "page"}
    return f"{view.asked.base_url}{view.asked.path}?{urlencode({**rest, 'page': number})}"


def _whole(text: str | None, otherwise: int) -> int:
    """A positive number, or what the tool takes instead of what is none."""
    return int(text) if text and text.isdecimal() and int(text) else otherwise
