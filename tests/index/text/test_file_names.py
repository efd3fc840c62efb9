"""Foreign file names are safe to store and show."""

from __future__ import annotations

import pytest

from index.text.file_names import safe_member_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/etc/a.txt", "etc/a.txt"),
        ("C:\\docs\\a.txt", "docs/a.txt"),
        ("./a//b.txt", "a/b.txt"),
        ("a\n.txt", "a.txt"),
        ("..", None),
        ("", None),
        (".git/a.txt", None),
        ("__MACOSX/a.txt", None),
        ("a\udcff.txt", "a\\udcff.txt"),
    ],
)
def test_names_lead_nowhere(given: str, shown: str | None) -> None:
    """The name of a member never leads out of its folder, and hidden files have none."""
    assert safe_member_name(given) == shown
