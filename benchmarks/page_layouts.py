"""Pages in common web site layouts around one known article, with the parts to keep and the clutter to remove."""

# ruff: noqa: E501, ISC004 - the markup is easier to read unwrapped

from __future__ import annotations

from typing import Final

ARTICLE: Final = """
<h2 id="tides">How tides reach the harbour</h2>
<p>The tide in Skarholm rises <b>2.4 metres</b> twice a day, because the bay is narrow and deep.
It is highest two days after a full moon.</p>
<ul><li>Boats of up to 12 metres may enter at any hour.</li>
<li>Larger ones wait for the pilot:<ol><li>Call channel 12.</li><li>Anchor off the red buoy.</li></ol></li></ul>
<h3>Reading the gauge</h3>
<table><thead><tr><th>Hour</th><th>Level</th></tr></thead>
<tbody><tr><td>06:00</td><td>0.3 m</td></tr><tr><td>12:00</td><td>2.7 m</td></tr></tbody></table>
<pre><code class="language-python"><span class="k">def</span> level(hour):
    if hour &lt; 6:
        return 0.3  <span class="token comment"># low water</span>

    return 2.7
</code></pre>
<p>Mira Holt, the keeper, writes the numbers down by hand; the <code>gauge_log</code> goes back to 1907.</p>
<blockquote><p>Nobody has ever found a gap in it.</p></blockquote>
"""
KEPT: Final = (
    "How tides reach the harbour",
    "The tide in Skarholm rises 2.4 metres twice a day, because the bay is narrow and deep. "
    "It is highest two days after a full moon.",
    "- Boats of up to 12 metres may enter at any hour.\n- Larger ones wait for the pilot:\n"
    "  1. Call channel 12.\n  2. Anchor off the red buoy.",
    "Reading the gauge",
    "| Hour | Level |\n| --- | --- |\n| 06:00 | 0.3 m |\n| 12:00 | 2.7 m |",
    "```\ndef level(hour):\n    if hour < 6:\n        return 0.3  # low water\n\n    return 2.7\n```",
    "Mira Holt, the keeper, writes the numbers down by hand; the gauge_log goes back to 1907.",
    "Nobody has ever found a gap in it.",
)
CLUTTER: Final = "CLUTTER"  # in every text that does not belong to the article

_LINKS = "".join(f'<li><a href="/{n}">CLUTTER link {n}</a></li>' for n in range(9))
_CARDS = "".join(
    f"<article><h3>CLUTTER {n}</h3><p>CLUTTER The harbour of another town has had {n} visitors this summer, more than ever "
    "before, says its mayor.</p></article>"
    for n in range(3)
)
_HEAD = (
    '<head><meta charset="utf-8"><title>Tides of Skarholm | Harbour News</title>'
    '<meta property="og:site_name" content="Harbour News"><meta name="author" content="Jon Vik">'
    '<meta property="article:published_time" content="2024-05-06T07:08:09Z">'
    '<link rel="canonical" href="https://news.example/tides"></head>'
)
_COOKIES = (
    '<div id="cookie-banner" class="cookie-consent" role="dialog"><p>CLUTTER We use cookies to improve your '
    "experience.</p><button>Accept all</button></div>"
)


def _page(body: str, head: str = _HEAD, body_class: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en">{head}<body class="{body_class}">{body}</body></html>'


LAYOUTS: Final[dict[str, str]] = {
    "landmarks": _page(
        f"<header><nav><ul>{_LINKS}</ul></nav></header><main><article><h1>Tides of Skarholm</h1>{ARTICLE}</article></main>"
        f"<footer>CLUTTER © Harbour News</footer>{_COOKIES}"
    ),
    "blog": _page(
        f'<div id="page" class="site has-sidebar"><div id="masthead" class="site-header">CLUTTER name</div>'
        f'<div id="content" class="site-content"><div id="primary"><article class="post hentry">'
        f'<h1 class="entry-title">Tides of Skarholm</h1><div class="entry-content">{ARTICLE}'
        f'<div class="sharedaddy sd-sharing"><h3>Share this:</h3><ul>{_LINKS}</ul></div></div>'
        f'<div class="jp-relatedposts related-posts"><h3>CLUTTER Related</h3><ul>{_LINKS}</ul></div></article>'
        f'<div id="comments" class="comments-area"><h2>CLUTTER 3 comments</h2><p>CLUTTER I like tides very much, '
        f'and so does my dog.</p></div></div><div id="secondary" class="widget-area sidebar"><ul>{_LINKS}</ul></div>'
        f'</div><div class="site-footer">CLUTTER proudly powered</div></div>',
        body_class="single single-post has-sidebar",
    ),
    "documentation": _page(
        f'<div class="navbar"><a class="skip-to-content" href="#x">CLUTTER Skip</a></div><div class="md-container">'
        f'<div class="md-sidebar"><ul>{_LINKS}</ul></div><main class="md-main"><nav class="breadcrumbs">CLUTTER » a</nav>'
        f'<div class="theme-doc-markdown markdown"><h1>Tides of Skarholm<a class="headerlink" href="#">¶</a></h1>'
        f'<div class="toc table-of-contents"><ul>{_LINKS}</ul></div>{ARTICLE}</div>'
        f'<a class="edit-this-page" href="/e">CLUTTER Edit this page</a>'
        f'<nav class="pagination-nav"><a href="/n">CLUTTER Next</a></nav></main></div>'
    ),
    "wiki": _page(
        f'<div id="mw-navigation"><div role="navigation"><ul>{_LINKS}</ul></div></div><div id="content" role="main">'
        f'<h1 id="firstHeading">Tides of Skarholm</h1><div id="bodyContent"><div class="mw-jump-link">CLUTTER Jump</div>'
        f'<div class="mw-parser-output"><div id="toc" class="toc"><h2>CLUTTER Contents</h2><ul>{_LINKS}</ul></div>'
        f'<span class="mw-editsection">[<a href="/e">CLUTTER edit</a>]</span>{ARTICLE}'
        f'<div class="navbox" role="navigation">CLUTTER Harbours of the north</div></div></div></div>'
        f'<div id="footer" role="contentinfo">CLUTTER last edited</div>'
    ),
    "news": _page(
        f'<div class="top-bar"><div class="main-menu"><ul>{_LINKS}</ul></div></div><div class="layout"><div class="story">'
        f'<h1>Tides of Skarholm</h1><div class="social-share">CLUTTER Share on Facebook</div>'
        f'<div itemprop="articleBody">{ARTICLE.replace("<h3>", "<div class=ad-slot>CLUTTER buy</div><h3>")}</div>'
        f'<div class="newsletter-signup"><p>CLUTTER Get our letter every Friday.</p></div>'
        f'<section class="recommended"><h2>CLUTTER More</h2>{_CARDS}</section></div></div>{_COOKIES}'
    ),
    "unnamed boxes": _page(
        f'<div class="a1"><div class="b2"><ul>{_LINKS}</ul></div><div class="c3"><div class="d4"><h1>Tides of Skarholm</h1>'
        f'{ARTICLE}</div><div class="e5"><ul>{_LINKS}</ul></div></div><div class="f6"><a href="/p">CLUTTER Privacy</a> '
        f'<a href="/t">CLUTTER Terms</a> <a href="/i">CLUTTER Imprint</a></div></div>'
    ),
    "tables": _page(
        f'<table width="100%"><tr><td colspan="2"><a href="/">CLUTTER Home</a> | <a href="/a">CLUTTER About</a> | '
        f'<a href="/c">CLUTTER Contact</a></td></tr><tr><td width="20%"><ul>{_LINKS}</ul></td>'
        f"<td><h1>Tides of Skarholm</h1>{ARTICLE}</td></tr></table>"
    ),
    "whole-page form": _page(
        f'<form id="aspnetForm"><div role="banner">CLUTTER Intranet</div><div class="ms-nav left-nav"><ul>{_LINKS}</ul>'
        f'</div><div class="article-body"><h1>Tides of Skarholm</h1>{ARTICLE}</div><input type="submit" value="CLUTTER">'
        f'<div class="footer">CLUTTER Legal</div></form>'
    ),
}
