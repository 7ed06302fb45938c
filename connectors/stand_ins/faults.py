"""What a server does instead of answering as it should: the faults that every client of a tool has to survive."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """Spoils the answer to one request. Without any member it spoils nothing: a place in the queue of faults."""

    status: int = 0
    """Answer with this status, `headers` and `body` instead; 0: answer well."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_after_bytes: int = -1
    """Answer well, but hang up after so many bytes of the body; 0: before anything was said."""
    says_length: bool = True
    """Whether the cut answer announced its full length."""
    silent: bool = False
    """Take the request and never answer."""
