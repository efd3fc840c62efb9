"""Files of many types, added and quoted end to end."""

from __future__ import annotations

from typing import Any

import pytest

from i18n import texts
from tests.acceptance.conftest import until
from tests.acceptance.test_features import MANAGE_GUILD, SEND
from tests.index.sample_files import CSV, RTF, SRT, archive, epub, odt, slides, zipped

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

FILES = {
    "talk.srt": SRT.encode(),
    "book.epub": epub(),
    "slides.pptx": slides(),
    "guide.odt": odt(),
    "guide.rtf": RTF,
    "faq.csv": CSV.encode(),
}


async def test_files_are_added_and_quoted(discord: Any) -> None:
    """Every type of file is previewed and added; a quote of subtitles names its time, a quote of slides its page."""
    boss = discord.user("Filer", permissions=SEND | MANAGE_GUILD)

    for name, data in FILES.items():
        seen = await discord.slash(boss, "article add", {"file": (name, data)})
        assert seen.failed is None
        assert texts.ARTICLE_PREVIEW in seen.response.text, name
        added = await discord.click(boss, seen.response, texts.ARTICLE_ADD_BUTTON)
        await until(lambda added=added: "Added: " in added.response.text)
        assert added.failed is None
        assert "Added: " in added.response.text, name
    said = await discord.slash(discord.alice, "ask", {"question": "Since when has she kept the light?"})
    shown = await discord.slash(discord.alice, "ask", {"question": "What did Mira Holt measure in 1987?"})

    assert texts.TIME.format(time="1:02:03") in said.response.text
    assert texts.PAGE.format(page=2) in shown.response.text


async def test_archives_and_bad_files(discord: Any) -> None:
    """An archive is added as a whole, and a file that cannot be read gets one private sentence."""
    boss = discord.user("Packer", permissions=SEND | MANAGE_GUILD)
    bomb = zipped({"a.txt": "a", "b.txt": bytes(30_000_000)})

    packed = await discord.slash(boss, "article add", {"file": ("docs.zip", archive())})
    before = packed.response.text
    added = await discord.click(boss, packed.response, texts.ARTICLE_ADD_BUTTON)
    await until(lambda: "added: 2" in added.response.text)
    refused = [
        await discord.slash(boss, "article add", {"file": file})
        for file in (
            ("bomb.zip", bomb),
            ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
            ("a.png", b"\x89PNG"),
        )
    ]

    assert "docs.zip/c.docx: The file is damaged" in before
    assert "added: 2" in added.response.text
    assert [each.failed for each in (packed, added, *refused)] == [None] * 5
    assert all(each.response.ephemeral for each in refused)
    for each, told in zip(refused, ("unpacks to far more", "old Office version", "known are"), strict=True):
        assert told in each.response.text
        assert "\n" not in each.response.text
