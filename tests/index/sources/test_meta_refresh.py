"""Pages that lead their readers on are followed."""

from __future__ import annotations

import pytest

from index.sources.http.meta_refresh import refresh_target

PAGE = "https://news.example/moved"


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=/new">', "https://news.example/new"),
        ("<META content=\"1;URL='new?a=1&amp;b=2'\" HTTP-EQUIV=Refresh>", "https://news.example/new?a=1&b=2"),
        ('<meta http-equiv="refresh" content="300; url=/new">', None),
        ('<meta http-equiv="refresh" content="5">', None),
        ('<meta http-equiv="refresh" content="0; url=/moved">', None),
        ('<meta name="description" content="0; url=/new">', None),
    ],
)
def test_a_page_that_leads_on_at_once_is_followed(tag: str, target: str | None) -> None:
    """A page that reloads itself, or waits to be read, is not followed."""
    assert refresh_target(f"<html><head>{tag}</head></html>".encode(), PAGE) == target
