"""Small talk is told from questions."""

from __future__ import annotations

import pytest

from qa.conversation.small_talk import SmallTalk, small_talk_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("thank you very much", SmallTalk.THANKS),
        ("Thanks!", SmallTalk.THANKS),
        ("thxxx mate :)", SmallTalk.THANKS),
        ("thnaks for the quick answer", SmallTalk.THANKS),
        ("vielen Dank für die Hilfe", SmallTalk.THANKS),
        ("¡muchas gracias!", SmallTalk.THANKS),
        ("merci beaucoup", SmallTalk.THANKS),
        ("grazie mille", SmallTalk.THANKS),
        ("muito obrigada", SmallTalk.THANKS),
        ("OKAYYY", SmallTalk.OK),
        ("got it", SmallTalk.OK),
        ("yes", SmallTalk.OK),
        ("👍🏽", SmallTalk.OK),
        ("<:party:123456789012345678>", SmallTalk.OK),
        (":D", SmallTalk.OK),
        ("hahahaha lol", SmallTalk.LAUGH),
        ("great bot", SmallTalk.PRAISE),
        ("guter Bot", SmallTalk.PRAISE),
        ("exactly what I needed", SmallTalk.PRAISE),
        ("no, that is wrong", SmallTalk.BLAME),
        ("You're useless", SmallTalk.BLAME),
        ("das stimmt nicht", SmallTalk.BLAME),
        ("c’est faux", SmallTalk.BLAME),
        ("è sbagliato", SmallTalk.BLAME),
        ("isso está errado", SmallTalk.BLAME),
        ("eso está mal", SmallTalk.BLAME),
        ("see you later", SmallTalk.BYE),
        ("heyyyy there!!", SmallTalk.GREETING),
        ("guten Morgen", SmallTalk.GREETING),
        ("👋", SmallTalk.GREETING),
        ("hlep", SmallTalk.HELP),
        ("", SmallTalk.HELP),
        ("???", SmallTalk.HELP),
        ("can you help me please?", SmallTalk.HELP),
        ("ayuda", SmallTalk.HELP),
        ("who are you?", SmallTalk.IDENTITY),
        ("r u a bot", SmallTalk.IDENTITY),
        ("wer bist du?", SmallTalk.IDENTITY),
        ("what can you do?", SmallTalk.ABILITIES),
        ("que sais-tu faire ?", SmallTalk.ABILITIES),
        ("o que você pode fazer?", SmallTalk.ABILITIES),
    ],
)
def test_kinds(text: str, kind: SmallTalk) -> None:
    """Phrases of six languages are recognised, with typos, repeated letters, emoji and words of address."""
    assert small_talk_in(text) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hello, thanks!", SmallTalk.THANKS),
        ("hi, what can you do?", SmallTalk.ABILITIES),
        ("that's wrong. help!", SmallTalk.HELP),
        ("ok lol thanks", SmallTalk.THANKS),
    ],
)
def test_several_kinds(text: str, kind: SmallTalk) -> None:
    """Of several kinds in a message, what the author wants most counts; a greeting counts least."""
    assert small_talk_in(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "ok, but how do I reset it?",
        "thanks! and when does it open?",
        "who are you playing as in the arcade league?",
        "what can you do with a token?",
        "hello world program?",
        "help with refunds",
        "can I ask for a refund?",
        "are you open on Sunday?",
        "tanks?",
        "hero?",
        "and when?",
        "what?",
        "how does it work?",
        "danke, und wann öffnet es?",
        "gracias, ¿y cuándo abre?",
        "thanks https://example.org/ok",
        "true or false?",
        "is it good?",
        "10",
        "ok " * 100,
    ],
)
def test_questions(text: str) -> None:
    """A message with anything that may be a question is no small talk."""
    assert small_talk_in(text) is None


def test_the_bots_name() -> None:
    """What the bot is called may stand anywhere in small talk."""
    assert small_talk_in("thanks, Archie the Second!") is None
    assert small_talk_in("thanks, Archie the Second!", {"Archie the Second"}) is SmallTalk.THANKS


def test_who_gets_help() -> None:
    """Greetings and questions about the bot itself are answered with help."""
    helped = {kind for kind in SmallTalk if kind.wants_help}

    assert helped == {SmallTalk.GREETING, SmallTalk.HELP, SmallTalk.IDENTITY, SmallTalk.ABILITIES}
