"""The connection of a process to a Milvus server. Every wait is bounded, every failure is one sentence."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from index.models import SettingsError
from index.sqlite_errors import SearchUnreachableError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

T = TypeVar("T")

# pymilvus looks every ten seconds whether an idle connection is alive; gRPC's servers close one that asks that often
# ("too many pings"). Every request here has a limit of time, so that nothing has to be looked for.
_PINGS: Final = {"grpc.keepalive_time_ms": 600_000, "grpc.keepalive_permit_without_calls": False}
_WAIT_AFTER_FAILURE: Final = 2.0  # seconds in which nobody tries again
_LONGEST_REASON: Final = 200  # characters
_COLLECTION_MISSING: Final = frozenset({100, 101})  # codes of Milvus: it does not exist, it is not loaded
_BUSY: Final = 8  # rate limit
_AWAY: Final = frozenset({"DEADLINE_EXCEEDED", "CANCELLED"})
_LOST: Final = "UNAVAILABLE"
_NO_CONNECTION: Final = 2
_CLOSED: Final = ("closed channel", "should create connection first")  # another thread had no answer, and closed it
_NO_ANSWER: Final = "it does not answer"
_DENIED: Final = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})
_MISSING: Final = (
    "VECTOR_STORE names Milvus, for which a package is missing. Install it with `pip install 'verbatim[cluster]'`."
)
_UNREACHABLE: Final = (
    "The vector store {place} cannot be reached ({reason}). Check that Milvus runs and that VECTOR_STORE is right; as "
    "soon as it answers, everything goes on."
)
_REFUSED: Final = "The vector store {place} refuses the user. Check VECTOR_STORE_TOKEN."
_FAILED: Final = "The vector store {place} reports an error ({reason}). Look at the log of Milvus, then try again."


class CollectionMissingError(StorageError):
    """The collection was dropped, or never created, or is not in the server's memory, as after a restart."""


@dataclass(frozen=True, slots=True)
class MilvusTimeouts:
    """How long a process waits for Milvus, in seconds: to be connected, for a search, and for a change."""

    connect: float = 5.0
    read: float = 10.0
    write: float = 30.0


class MilvusServer:
    """Connects when it is first used, and again after failures. May be used on any thread.

    After a failure to connect or to get an answer, requests fail at once for two seconds, so that nobody waits in vain.
    """

    def __init__(self, url: str, token: str | None = None, timeouts: MilvusTimeouts = MilvusTimeouts()) -> None:
        """Remember where the server is: `http://HOST:PORT`, with `USER:PASSWORD` or an API key as the `token`."""
        self._url, self._token, self.timeouts = url, token, timeouts
        parts = urlsplit(url)
        self.place = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        self._lock = threading.Lock()
        self._client: Any = None
        self._is_lite = False
        self._failure: tuple[float, str] | None = None
        self.collections: set[str] = set()  # that are known to exist
        self._held = threading.local()  # the collections that a thread keeps others from changing
        self.serialised: Callable[[str], AbstractContextManager[object]] = nullcontext

    def call(self, method: str, *args: object, timeout: float | None = None, **options: object) -> Any:
        """Call a method of `pymilvus.MilvusClient`. Raises StorageError and CollectionMissingError."""
        with self._lock:
            failure = self._failure
        if failure is not None and time.monotonic() - failure[0] < _WAIT_AFTER_FAILURE:
            raise SearchUnreachableError(failure[1])
        try:
            return self._request(method, *args, timeout=timeout or self.timeouts.read, **options)
        except SearchUnreachableError as error:
            if _NO_ANSWER in str(error):
                raise
        # The connection was lost, as after a restart, or because an idle one was closed. All requests may be repeated.
        return self._request(method, *args, timeout=timeout or self.timeouts.read, **options)

    def _request(self, method: str, *args: object, **options: object) -> Any:
        client = self._connected()
        with self._explained():
            return getattr(client, method)(*args, **options)

    def bounded(self, job: Callable[[], T]) -> T:
        """Return what a job returns that asks the server. Raises StorageError."""
        with self._explained():
            return job()

    @contextmanager
    def changing(self, collection: str) -> Iterator[None]:
        """Keep changes of a collection apart where the server does not: in Milvus Lite, they must not overlap."""
        self._connected()
        held = self._held.collections = getattr(self._held, "collections", set())
        if not self._is_lite or collection in held:
            yield
            return
        with self.serialised(collection):
            held.add(collection)
            try:
                yield
            finally:
                held.discard(collection)

    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> Any:
        with self._lock:
            if self._client is not None:
                return self._client
        client_class = pymilvus().MilvusClient
        with self._explained():
            made = client_class(
                uri=self._url,
                token=self._token or "",
                timeout=self.timeouts.connect,
                dedicated=True,
                grpc_options=_PINGS,
            )
            try:
                version = made.get_server_version(timeout=self.timeouts.connect)
            except BaseException:
                made.close()
                raise
        with self._lock:
            if self._client is None:
                self._client, self._is_lite = made, "lite" in str(version).lower()
                return made
            found = self._client  # another thread was faster
        made.close()
        return found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of pymilvus and gRPC into the project's, and remember that the server is out of reach."""
        try:
            yield
        except (pymilvus().MilvusException, _grpc_error()) as error:
            found = self._error(error)
            self._note(found)
            raise found from error
        with self._lock:
            self._failure = None

    def _note(self, found: Exception) -> None:
        """Remember a failure; if the server was out of reach, connect anew: gRPC itself waits ever longer for that."""
        is_away = isinstance(found, SearchUnreachableError)
        with self._lock:
            self._failure = (time.monotonic(), str(found)) if is_away else None
        if is_away:
            self.close()

    def _error(self, error: Any) -> Exception:
        code = error.code() if callable(getattr(error, "code", None)) else getattr(error, "code", None)
        name = str(getattr(code, "name", code))
        reason = " ".join(str(getattr(error, "message", "") or name).split())[:_LONGEST_REASON]
        if code in _COLLECTION_MISSING:
            return CollectionMissingError(_FAILED.format(place=self.place, reason=reason))
        if name in _DENIED or "auth check failure" in reason:
            return StorageError(_REFUSED.format(place=self.place))
        is_silent = name in _AWAY or any(words in reason for words in _CLOSED)
        if is_silent or name == _LOST or code in (_NO_CONNECTION, _BUSY):
            reason = _NO_ANSWER if is_silent else reason
            return SearchUnreachableError(_UNREACHABLE.format(place=self.place, reason=reason))
        return StorageError(_FAILED.format(place=self.place, reason=reason))


def pymilvus() -> Any:
    """Return the module pymilvus, imported late: it takes a second. Raises SettingsError if it is not installed."""
    try:
        import pymilvus
    except ImportError:
        raise SettingsError(_MISSING) from None
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # errors are raised; it would log them with traces too
    return pymilvus


def _grpc_error() -> Any:
    import grpc  # type: ignore[import-untyped]

    return grpc.RpcError
