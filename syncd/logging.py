"""Logs: one JSON object a line on stderr for the daemon, readable lines on a terminal; never a secret in either."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from connectors.redaction import HIDDEN, quiet_libraries, redact

LONGEST_TEXT = 4000
"""Characters of one value: a traceback fits, a client's whole invoice does not."""
SECRET_KEYS = (
    "authorization",
    "token",
    "secret",
    "password",
    "passwd",
    "api_key",
    "apikey",
    "cookie",
    "code",
    "credential",
)
"""A value under a key that ends with one of these words is never written."""
_TOKENS = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){2,4}|\bAB11\d{6,}\w{16,}")
"""Signed tokens (JWT, JWE), and refresh tokens as Intuit makes them, wherever they stand."""
_RETRIES = ("connectors.http", "connectors.quickbooks.tokens")
"""Who warns of each read and refresh that is tried again."""
_PLAIN_KEYS = ("exit_code", "status_code", "http_code", "problem_code")


def configure(*, terminal: bool | None = None, level: int = logging.INFO, unattended: bool = False) -> None:
    """Send structlog's and the libraries' logs to stderr, redacted. `terminal`: readable; None: if stderr is one.

    `unattended`: for the daemon, which says once what is down; that a read is tried again is told to people who wait.
    """
    readable = sys.stderr.isatty() if terminal is None else terminal
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    render: Processor = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            # The redactor is the last to touch the values: nothing is added after it.
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_secrets, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    quiet_libraries()
    # The daemon hears of each of its warnings and says it once; itself it would at every moment that passes meanwhile.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for name in _RETRIES:
        logging.getLogger(name).setLevel(logging.ERROR if unattended else logging.NOTSET)


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what stands under a secret's name or looks like one, and cut what is too long."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if _is_secret(key) and value not in (None, "", False, True):
        return HIDDEN
    if isinstance(value, str):
        text = _TOKENS.sub(HIDDEN, redact(value))
        return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} … ({len(text)} characters)"
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(key, item) for item in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return _clean(key, str(value))


def _is_secret(key: str) -> bool:
    name = key.lower().replace("-", "_")
    return name not in _PLAIN_KEYS and any(name == word or name.endswith(f"_{word}") for word in SECRET_KEYS)
