"""The records of RT's REST 2.0, as far as they are read. Ids come as text in lists and as numbers in objects."""

from __future__ import annotations

from datetime import datetime

import msgspec

Number = int | str
"""An id or a count of minutes, as text or as a number."""


class Reference(msgspec.Struct, frozen=True):
    """A link to another record; the id of a user is the user's name."""

    id: Number


class QueueReference(msgspec.Struct, frozen=True):
    """A ticket's queue; its name is blank for a user without the right SeeQueue."""

    id: Number
    name: str = msgspec.field(name="Name", default="")


class Person(msgspec.Struct, frozen=True):
    """A requestor; the address is blank where the user has none."""

    id: str
    address: str = msgspec.field(name="EmailAddress", default="")


class CustomField(msgspec.Struct, frozen=True):
    """One of the fields that an administrator added."""

    name: str
    values: list[str | dict[str, object] | None] = []


class Transaction(msgspec.Struct, frozen=True, rename="pascal"):
    """A ticket's transaction with the minutes that it took. `ObjectId` is the ticket it was made on, merged or not."""

    type: str
    time_taken: Number
    created: datetime
    creator: Reference
    object_id: Number
    object_type: str
    id: Number = msgspec.field(name="id")
    custom_fields: list[CustomField] | str = ""
    """Blank text where there are none, or none that the token's user may see."""


class Touch(msgspec.Struct, frozen=True, rename="pascal"):
    """A transaction of any type, as a sign that its ticket may have changed."""

    created: datetime
    object_id: Number
    id: Number = msgspec.field(name="id")


class Ticket(msgspec.Struct, frozen=True, rename="pascal"):
    """A ticket of a list. What was merged into another keeps its row, with the other's number in `EffectiveId`."""

    effective_id: Number
    subject: str
    status: str
    queue: QueueReference
    resolved: datetime
    """1970 where it never was; it stays when a ticket is opened again."""
    id: Number = msgspec.field(name="id")
    requestor: list[Person] | str = ""
    custom_fields: list[CustomField] | str = ""


class OneTicket(msgspec.Struct, frozen=True):
    """A ticket asked for by its number: the one it was merged into, if it was. Deleted ones are only given so."""

    id: Number
    status: str = msgspec.field(name="Status")


class Attachment(msgspec.Struct, frozen=True, rename="pascal"):
    """A text that belongs to a transaction; in a list its content is the text itself."""

    transaction_id: Number
    content_type: str = ""
    content: str = ""
    content_length: Number = ""
    """Bytes of the text in UTF-8."""
    filename: str | None = ""


class Listing(msgspec.Struct, frozen=True):
    """One page of any list. `total` is only given to a user who may see every record of that sort."""

    items: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    total: int | float | None = None
    per_page: int | float | None = None


class User(msgspec.Struct, frozen=True):
    """Whose token it is."""

    name: str = msgspec.field(name="Name")


class Version(msgspec.Struct, frozen=True):
    """What the server is."""

    version: str = msgspec.field(name="Version")


class Identified(msgspec.Struct, frozen=True):
    """Any record of a list, by its id alone."""

    id: Number
