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
