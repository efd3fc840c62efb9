"""The form of `/article add`: one of a text, a web address and a file is enough."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from cogs.articles.add_form import AddForm
from cogs.ui.limits import fit_form
from i18n import texts
from i18n.languages import LANGUAGES, speaking
from tests.cogs.visible_text import PUBLIC, buttons_of, shown
from tests.index.site import Site

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

TEXT = "# Rules of the harbour\n\nShips leave at nine."


async def submitted(boss: simcord.MemberActor, channel: simcord.ChannelHandle, **values: Any) -> Any:
    """Open the form with `/article add`, submit it and return the result."""
    form = await boss.slash(channel, "article add")
    return await boss.submit_modal(form, values)


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({"text": TEXT, "title": "Harbour"}, "Harbour"),
        ({"text": TEXT}, "Rules of the harbour"),
        ({"text": "", "file": [("tides.txt", b"The tide turns at six.")]}, "Tides"),
    ],
)
async def test_one_is_enough(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, values: dict[str, Any], title: str
) -> None:
    """A text needs no title, and a file nothing else."""
    result = await submitted(boss, channel, **values)

    assert result.response.ephemeral
    assert f"**{title}**" in shown(result.response)
    assert buttons_of(result.response) == [texts.ARTICLE_ADD_BUTTON, texts.CANCEL_BUTTON]


@pytest.mark.parametrize("field", ["text", "address"])
async def test_address(channel: simcord.ChannelHandle, boss: simcord.MemberActor, site: Site, field: str) -> None:
    """A web address is read, in its own field as well as in that of the text."""
    site.page("/rules", "Ships leave at nine o'clock.")

    result = await submitted(boss, channel, **{field: f"{site.url}/rules\n".strip()})

    assert "Ships leave at nine" in shown(result.response)


async def test_more_than_one(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """If there is more than one, nothing that was typed is lost: one is taken, and the preview says which."""
    result = await submitted(boss, channel, text=TEXT, address="https://example.org")

    assert "Ships leave at nine" in shown(result.response)
    assert texts.ADD_ONLY_ONE.format(used=texts.ADD_USED["text"]) in shown(result.response)


async def test_nothing(channel: simcord.ChannelHandle, boss: simcord.MemberActor) -> None:
    """An empty form gets a sentence."""
    assert shown((await submitted(boss, channel, text=" \n ")).response) == texts.ADD_NOTHING


async def test_right_that_was_lost(
    channel: simcord.ChannelHandle, boss: simcord.MemberActor, simcord_env: simcord.Env
) -> None:
    """Whoever lost the right while the form was open gets no preview."""
    form = await boss.slash(channel, "article add")
    simcord_env.backend.remove_member_role(simcord_env.guild.id, boss.id, simcord_env.guild.roles["Bosses"].id)

    result = await boss.submit_modal(form, {"text": TEXT})

    assert texts.NOT_ALLOWED in shown(result.response)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_form_fits(language: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of the form is cut in any language."""
    with speaking(language):
        fit_form(AddForm())
    assert not caplog.records
