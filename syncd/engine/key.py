"""The key that the stored connection to QuickBooks is encrypted with: a copy of the database alone opens nothing."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from syncd.config import Secret


class KeyUnusableError(Exception):
    """The key cannot be read, or it is another one than the stored connection was encrypted with."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what} {fix}")
        self.what = what
        self.fix = fix


class TokenKey:
    """Encrypts and decrypts (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: bytes, where: str) -> None:
        try:
            self._fernet = Fernet(key.strip())
        except ValueError:
            raise KeyUnusableError(
                f"{where} does not hold a key of 32 bytes in URL-safe Base64.",
                "Put the original key back; without it, remove that key and type `syncd connect quickbooks`.",
            ) from None
        self._where = where

    def encrypt(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def decrypt(self, sealed: bytes) -> bytes:
        """The plain bytes; raises KeyUnusableError when this is not the key they were encrypted with."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise KeyUnusableError(
                f"The stored connection to QuickBooks was encrypted with another key than that of {self._where}.",
                "Put the original key back, or type `syncd connect quickbooks` to connect again.",
            ) from None


def token_key(secret: Secret) -> TokenKey:
    """The key that `[store] key` names. A file is made on first use, for its owner alone."""
    path = secret.path
    if path is not None and secret.reference.startswith("file:"):
        return TokenKey(_read_or_make(path), f"the file {path}")
    return TokenKey(secret.reveal().encode(), secret.reference)


def _read_or_make(path: Path) -> bytes:
    try:
        if not path.exists():
            _make(path)
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise KeyUnusableError(f"Others than its owner may read the key in {path}.", f"Type `chmod 600 {path}`.")
        return path.read_bytes()
    except OSError as error:
        raise KeyUnusableError(
            f"The key in {path} cannot be read or made: {error.strerror}.",
            "Give the user that runs syncd permission on it and its folder.",
        ) from error


def _make(path: Path) -> None:
    """Write a new key whole, then give it its name: of two processes that start at once, one key stands."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # Where the other process was first, its key stands.
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
