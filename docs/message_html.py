"""Messages and forms of the bot as HTML, in the colours of Discord's dark theme."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from discord import ui

from cogs.ui.answer_card import Card
from cogs.ui.components import Rows
from cogs.ui.layout import layout
from docs.pictures_of_people import NAMES

STYLE: Final = """
body { margin: 0; padding: 16px; background: #1a1a1e; color: #dfe0e2; }
body { font: 16px/1.375 "gg sans", "Noto Sans", sans-serif; }
b, big, .name { color: white; font-weight: 600; } big { font-size: 17px; }
a { color: #7bb0f5; text-decoration: none; }
small, .used { font-size: 13px; color: #9b9ca3; }
blockquote { margin: 0 0 4px; padding-left: 12px; border-left: 4px solid #65656e; border-radius: 4px; }
.message { display: grid; grid-template-columns: 40px minmax(0, 1fr); column-gap: 14px; margin-bottom: 18px; }
.used { grid-column: 2; margin-bottom: 4px; }
.face { width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; }
.face, .tag { background: #5865f2; color: white; }
.tag { font-size: 11px; border-radius: 4px; padding: 1px 5px; margin-left: 6px; vertical-align: 2px; }
.container { margin-top: 6px; padding: 14px 16px; max-width: 560px; display: grid; gap: 8px; }
.container { background: #242429; border: 1px solid #35353c; border-left: 4px solid; border-radius: 8px; }
.container { overflow-wrap: anywhere; white-space: break-spaces; }
.row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; max-width: 560px; }
.row span { background: #3b3b42; color: white; border-radius: 8px; padding: 6px 12px; font-size: 14px; }
.row .blue, .submit { background: #5865f2; } .row .red { background: #d83c3e; }
.row .off { opacity: 0.5; } .time { background: #33333a; border-radius: 3px; padding: 0 2px; }
.container .row { margin: 0; } .row .select { background: #1e1f22; border: 1px solid #45454d; width: 100%; }
.select { display: flex; justify-content: space-between; } .select i { font-style: normal; }
.form { margin: 0 0 18px 54px; max-width: 440px; padding: 16px; display: grid; gap: 12px; }
.form { background: #2b2b31; border: 1px solid #3c3c44; border-radius: 8px; }
.form small { display: block; } .field, .area { background: #1e1f22; border: 1px solid #45454d; border-radius: 6px; }
.field, .area { padding: 8px 10px; color: #9b9ca3; min-height: 22px; margin-top: 4px; } .area { min-height: 66px; }
.submit { color: white; border-radius: 8px; padding: 8px 14px; text-align: center; }
.above { margin-top: 4px; max-width: 560px; }
img { display: block; width: 100%; max-width: 560px; margin-top: 8px; border-radius: 8px; }
code { font-size: 85%; background: #1e1f22; border-radius: 4px; padding: 0 3px; }
.line { border-top: 1px solid #3c3c44; }
"""


def message(card: Card, below: Rows, *, private: bool = False, above: str = "", chart: str = "", used: str = "") -> str:
    """Return a message of the bot as HTML; options as in `drawn`."""
    return drawn(layout(card, below).to_components(), private, above, chart, used)


def drawn(
    components: Sequence[dict[str, Any]],
    private: bool = False,
    above: str = "",
    chart: str = "",
    used: str = "",
    names: Mapping[int, str] | None = None,
) -> str:
    """Return the components of a message as HTML.

    `chart` is a PNG file in Base64, `used` the line above the message, `names` the channels and members it mentions.
    """
    container, *rows = components
    inner = "".join(map(_component, container["components"]))
    buttons = "".join(map(_row, rows))
    heading = f'<div class="above">{_markdown(above)}</div>' if above else ""
    picture = f'<img src="data:image/png;base64,{chart}">' if chart else ""
    used = used or ("Only you can see this" if private else "Alice used <b>/ask</b>")
    drawn = (
        f'<div class="message"><div class="used">{used}</div><div class="face">V</div><div>'
        f'<span class="name">Verbatim</span><span class="tag">APP</span>{heading}'
        f'<div class="container" style="border-left-color: #{int(container["accent_color"]):06x}">{inner}</div>'
        f"{picture}{buttons}</div></div>"
    )
    for number, name in (names or NAMES).items():
        drawn = drawn.replace(html.escape(f"<#{number}>"), f"<a>#{name}</a>")
        drawn = drawn.replace(html.escape(f"<@{number}>"), f"<a>@{name}</a>")
        drawn = drawn.replace(f"@{number}@", name)
    return drawn


def form(form: ui.Modal) -> str:
    """Return a form as HTML."""
    fields = []
    for label in form.to_components():
        inner = label["component"]
        empty = "Upload a file" if inner["type"] == 19 else inner.get("placeholder") or ""
        kind = "area" if inner.get("style") == 2 else "field"
        heading = f"<b>{html.escape(label['label'])}</b><small>{html.escape(label.get('description') or '')}</small>"
        fields.append(f'<div>{heading}<div class="{kind}">{html.escape(empty)}</div></div>')
    return f'<div class="form"><b>{html.escape(form.title)}</b>{"".join(fields)}<div class="submit">Submit</div></div>'


def _row(row: dict[str, Any]) -> str:
    return f'<div class="row">{"".join(map(_control, row["components"]))}</div>'


def _control(item: dict[str, Any]) -> str:
    """Return a button in the colour of its style, or a select."""
    if item["type"] != 2:
        return f'<span class="select">{html.escape(_selected(item))}<i>▾</i></span>'
    kinds = {1: "blue", 4: "red"}.get(item["style"], "grey") + " off" * bool(item.get("disabled"))
    return f'<span class="{kinds}">{html.escape(item["label"])}</span>'


def _selected(select: dict[str, Any]) -> str:
    chosen = [option["label"] for option in select.get("options", ()) if option.get("default")]
    chosen += [f"@{value['id']}@" for value in select.get("default_values", ())]
    return ", ".join(chosen) or str(select["placeholder"])


def _component(component: dict[str, Any]) -> str:
    if component["type"] == 14:
        return '<div class="line"></div>' if component["divider"] else "<div></div>"
    if component["type"] == 1:
        return _row(component)
    return f"<div>{_markdown(component['content'])}</div>"


def _markdown(text: str) -> str:
    """Convert the part of Discord's Markdown that the bot uses to HTML."""
    out: list[str] = []
    for quoted, lines in _runs(text.split("\n")):
        if quoted:
            out.append(f"<blockquote>{'<br>'.join(_inline(line[2:]) for line in lines)}</blockquote>")
        else:
            shown = [_line(line) for line in lines]
            out.append("<br>".join(shown))
    return "".join(out)


def _line(line: str) -> str:
    if line.startswith("-# "):
        return f"<small>{_inline(line[3:])}</small>"
    return f"<big>{_inline(line[4:])}</big>" if line.startswith("### ") else _inline(re.sub(r"^- ", "• ", line))


def _runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Group consecutive lines by whether they are in a block quote."""
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        quoted = line.startswith("> ")
        if not runs or runs[-1][0] != quoted:
            runs.append((quoted, []))
        runs[-1][1].append(line)
    return runs


def _inline(text: str) -> str:
    pattern = (
        r"\\([^0-9A-Za-z\s])|\*\*((?:\\.|[^\\])+?)\*\*|(?<!\*)\*([^*\\]+)\*|\[([^\]]+)\]\(<([^>]+)>\)|`([^`]+)`"
        r"|<t:(\d+):([dDf])>|<(https?://[^>]+)>"
    )
    out, at = "", 0
    for match in re.finditer(pattern, text):
        out += html.escape(text[at : match.start()])
        literal, bold, slanted, label, address, code, seconds, style, bare = match.groups()
        if literal:
            out += html.escape(literal)
        elif bold:
            out += f"<b>{_inline(bold)}</b>"
        elif slanted:
            out += f"<i>{html.escape(slanted)}</i>"
        elif code:
            out += f"<code>{html.escape(code)}</code>"
        elif seconds:
            form = {"d": "%d/%m/%Y", "D": "%-d %B %Y"}.get(style, "%-d %B %Y %H:%M")
            out += f'<span class="time">{datetime.fromtimestamp(int(seconds), UTC):{form}}</span>'
        else:
            address = address or bare
            out += f'<a href="{html.escape(address)}">{_inline(label) if label else html.escape(address)}</a>'
        at = match.end()
    return out + html.escape(text[at:])
