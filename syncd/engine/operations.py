"""What is done to a document in QuickBooks; a module of its own, because reports need the words and nothing else."""

from __future__ import annotations

DEEDS = {"create": "sending", "send": "e-mailing", "apply": "applying"}
"""Each operation of the outbox as a sentence says it: a credit memo is applied to an invoice."""
