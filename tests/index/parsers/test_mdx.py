"""MDX becomes Markdown: what components show is kept, and what makes them is not."""

from __future__ import annotations

import pytest

from index.parsers.mdx import mdx_to_markdown


def test_labels_are_headings_and_code_is_unchanged() -> None:
    """Imports, tags and comments are left out; the label of a tab is the heading above what it holds."""
    text = """---
title: Gateway
---
import Tabs from '@theme/Tabs';

# Gateway

<Tabs groupId="os">
<TabItem label="Linux" value="a>b">

```js
import {a} from 'b'; // <b>{x}
```

</TabItem>
</Tabs>

:::warning
Never {/* no */}expose `<port>` to <Box a={{b: 1}}>all</Box>.<br/>Never.
:::
"""
    assert mdx_to_markdown(text).rstrip() == (
        "---\ntitle: Gateway\n---\n# Gateway\n\n## Linux\n\n```js\nimport {a} from 'b'; // <b>{x}\n```\n\n##\n\n"
        "Never expose `<port>` to all.\nNever."
    )


@pytest.mark.parametrize("text", ["import the goods at seven.", "1 < 2 and 3 > 2", "a <https://x.example> b", "{ open"])
def test_text_that_is_no_code_stays(text: str) -> None:
    """Sentences that look a little like code are kept."""
    assert mdx_to_markdown(text) == text


@pytest.mark.parametrize(
    ("mdx", "markdown"),
    [
        ('See <a class="x" href="https://a.example/r">the rules</a>.', "See [the rules](https://a.example/r)."),
        ("See <Link to={'/r'}>\n  the **rules**\n</Link>.", "See [the **rules**](/r)."),
        ('<a href="https://a.example/R_(b)">Read</a>', "[Read](<https://a.example/R_(b)>)"),
        ('<Card title="First steps" href="/start">\n  Begin here.\n</Card>', "[First steps](/start)\n\nBegin here."),
        ('<LinkCard title="First steps" href="/start" />', "[First steps](/start)"),
        ('<a href="/r"><img src="b.png"/></a> Done.', "Done."),
        ('<a href="/r">never closed', "never closed"),
        ('<a name="r">Rules</a> <a href={rules}>Other</a> `<a href="/r">x</a>`', 'Rules Other `<a href="/r">x</a>`'),
        ('<a href="/r">one [2]</a> </a>', "one [2]"),
    ],
)
def test_addresses_in_tags_become_markdown_links(mdx: str, markdown: str) -> None:
    """Those of links and of cards; without words, brackets would show nothing."""
    assert " ".join(mdx_to_markdown(mdx).split()) == " ".join(markdown.split())
