"""The libraries that a question searches."""

from __future__ import annotations

from index.libraries.library_names import libraries_of


def test_libraries() -> None:
    """A question on a server searches the server's library and the shared one, in a direct message the shared one."""
    assert libraries_of(42) == ("guild-42", "shared")
    assert libraries_of(None) == ("shared",)
