"""Texts that try to ping, to look like something else or to break out of what shows them: a corpus for tests.

Characters that cannot be seen are written as escapes here, so that a reader of this file sees them.
"""

from __future__ import annotations

from typing import Final

MENTIONS: Final = {
    "everyone": "@everyone",
    "here": "@here and @everyone@everyone",
    "everyone after a slash": "\\@everyone \\\\@here",
    "everyone in full width": "\uff20everyone",
    "user": "<@1> <@!1>",
    "role": "<@&1>",
    "channel and command": "<#1> </ask:1> <id:customize>",
    "mention in a mention": "<<@1>@1> <@<@&1>>",
    "mention after a bracket": "a<b>c <@1",
    "mention split by an invisible character": "@\u200beveryone <@\u200b1>",
}
LINKS: Final = {
    "masked link": "[https://bank.example](https://evil.example)",
    "masked link with a title": '[https://bank.example](<https://evil.example> "bank")',
    "masked link after an image": "![a](b)[bank.example](https://evil.example/)",
    "masked link in a masked link": "[[bank](https://a.example)](https://evil.example)",
    "reference link": "[bank.example][1]\n\n[1]: https://evil.example",
    "HTML link": '<a href="https://evil.example">https://bank.example</a>',
    "user name before the host": "https://bank.example@evil.example/login",
    "user name that fills the line": f"https://bank.example{'/' * 3}{'a' * 130}@evil.example/",
    "address in angle brackets": "<https://evil.example> <mailto:a@evil.example>",
    "letters of another script": "https://\u0440\u0430yp\u0430l.example/",
    "address with a joiner": "Log in at bank.\u200dexample, https:\u200d//bank.\ufe0eexample",
    "reversed address": "https://evil.example/\u202eelpmaxe.knab",
    "other schemes": "javascript:alert(1) discord://-/channels data:text/html,a steam://run/1",
    "invitation": "discord.gg/abcdef https://discord.gg/abcdef",
}
INVISIBLE: Final = {
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg",
    "fillers": "\u3164\u115f\u1160\uffa0\u2800\u180e",
    "tags": "a\U000e0001\U000e0061\U000e007fb",
    "overrides": "file\u202etxt.exe\u202d and \u202bmore",
    "isolates that stay open": "\u2066\u2067\u2068 abc",
    "ends of isolates": "\u2069\u2069\u202c\u202c abc",
    "marks of direction": "\u200e\u200f\u061c abc",
    "Arabic and Hebrew": "\u05d0\u05d1 123 \u0627\u0644 (456)",
    "line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "controls": "a\x1b[31mb\x1b]8;;https://evil.example\x07c\x9b2Jd\x08e\x7ff",
}
FLOODS: Final = {
    "combining characters": "Z" + "\u0335\u0321\u0489\u0301" * 150,
    "combining characters alone": "\u0301" * 400,
    "one long word": "x" * 6000,
    "one long number": "9" * 5000,
    "many backslashes": "\\" * 3000,
    "many stars": "*" * 3000,
    "many backticks": "`" * 3000,
    "characters of two units": "\U0001f469\u200d" * 900,
    "variation selectors": "a" + "\ufe0f\U000e0100" * 500,
    "a very long line": "word " * 2500,
}
MARKDOWN: Final = {
    "end of a block quote": "a\n\n>>> b\n> c\n >d",
    "code fence": "```\n@everyone\n```\n~~~\na\n~~~",
    "code fence that stays open": "```py\nprint(1)",
    "code": "`` a ` b `` `c`",
    "heading": "# a\n## b\n-# c\n####### d",
    "lists": "- a\n* b\n+ c\n1. d\n1) e\n\t- f",
    "bold and more": "**a** __b__ *c* _d_ ~~e~~ ||f||",
    "stars that stay open": "**a *b __c _d ~~e ||f",
    "time stamps": "<t:0:R> <t:-1> <t:99999999999:F>",
    "custom emoji": "<:a:1> <a:b:2> :tada: :a::skin-tone-2: :a:b:",
    "backslashes": "\\*a\\* \\\\ \\",
    "rules and tables": "---\n***\n| a | b |\n|---|---|\n| c | d |",
    "console markup": "[bold red]a[/] [link=https://evil.example]b[/link] :smile:",
    "format strings": "{title} {0} %s %(a)s ${b}",
    "HTML": "<b>a</b><script>alert(1)</script>&lt;@1&gt;<!-- c",
}
HOSTILE_TEXTS: Final = {**MENTIONS, **LINKS, **INVISIBLE, **FLOODS, **MARKDOWN}
