"""Encrypts what must not be readable in the database: AES-256-GCM, with a key derived from the Discord token."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12  # random for each text: NIST SP 800-38D allows 2**32 with one key
_CONTEXT: Final = b"verbatim: accepted questions, 1"


class Sealer:
    """Encrypts values with a key that HKDF-SHA256 (RFC 5869) derives from a secret.

    All processes of a bot have the same token and so the same key; it is stored nowhere.
    """

    def __init__(self, secret: str) -> None:
        """Derive the key."""
        key = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_CONTEXT).derive(secret.encode())
        self._cipher = AESGCM(key)

    def seal(self, values: Mapping[str, Any], label: str) -> bytes:
        """Return `values`, which JSON can hold, encrypted; they can be opened only under the same `label`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, json.dumps(values).encode(), label.encode())

    def open(self, sealed: bytes, label: str) -> dict[str, Any] | None:
        """Return what was sealed; None if that was with another secret or label, or if it was changed."""
        try:
            text = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label.encode())
        except (InvalidTag, ValueError):
            return None
        found: dict[str, Any] = json.loads(text)
        return found
