"""Sources of several servers, read side by side."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from cogs.articles.article_service import ArticleService
from index.models import Draft
from index.sources import crawler
from tests.index.site import Reply, Site


async def test_a_slow_site_of_one_server_delays_no_other(
    article_service: ArticleService, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one server's sitemap does not come, another server's text is read at once."""
    end, asked = threading.Event(), threading.Event()
    listing = crawler.inspect_address

    def inspect(*arguments: Any) -> Any:
        asked.set()
        return listing(*arguments)

    monkeypatch.setattr("cogs.articles.source_reader.inspect_address", inspect)
    site.pages["/map.xml"] = Reply(b"<urlset>", headers={"Content-Type": "text/xml"}, held=end)
    slow = asyncio.create_task(article_service.reader.inspect(1, f"{site.url}/map.xml", None))
    try:
        await asyncio.to_thread(asked.wait)
        draft = await article_service.reader.read_text(2, "Rooms", "The ferry leaves at seven.", "pasted text")
        assert isinstance(draft, Draft)
        assert not slow.done()
    finally:
        end.set()
        await asyncio.wait({slow})
