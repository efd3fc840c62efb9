"""HTML is converted to text as browsers show it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import UserError
from index.parsers.html.dom import parse_html
from index.parsers.html.to_text import rows_of


def text_of(html: str) -> str:
    return "\n".join(row.text for row in rows_of(parse_html(html)))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One\n  two&nbsp;three</p><p>Four</p>", "One two\u00a0three\n\nFour"),
        ("<div>One<p>Two</p>Three</div>", "One\n\nTwo\n\nThree"),
        ("<p>One<br>two<br><br>Three</p>", "One\ntwo\n\nThree"),
        ("<p><b>O</b>ne, <em>two</em>; <code>a_b</code>.</p>", "One, two; a_b."),
        ("<p>co&shy;oper&#8203;ate</p>", "cooperate"),
        ("<p>10<sup>6</sup> of CO<sub>2</sub>, the 1<sup>st</sup></p>", "10⁶ of CO₂, the 1st"),
        ("<p>He said <q>no</q>; <del>not</del></p>", "He said “no”; ~~not~~"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>", "- a\n- b\n  - c\n\nd"),
        ('<ol start="3"><li>a<li>b<li value="9">c</ol>', "3. a\n4. b\n9. c"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\nb\n\n- c"),
        ("<dl><dt>ferry</dt><dd>A ship.</dd></dl>", "ferry\nA ship."),
        ("<pre>\n  a\n\tb  c\n\n</pre>", "```\n  a\n\tb  c\n```"),
        ("<pre>a<br>b<button>Copy</button></pre>", "```\na\nb\n```"),
        (
            "<div class=fragment><div class=line><span class=lineno>1</span>a {</div><div class=line>  b</div></div>",
            "```\na {\n  b\n```",
        ),
        ("<table><tr><td class=linenos><pre>1\n2</pre><td><pre>a\nb</pre></table>", "```\na\nb\n```"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "| A | B |\n| --- | --- |\n| 1 | 2 |"),
        (
            (
                "<table><tr><th>Route<th>Who<th>Fare<tr><td rowspan=2>North<td>Adult<td>14<tr><td>Child<td>7"
                "<tr><td colspan=2>Any, bicycle<td>3</table>"
            ),
            (
                "| Route | Who | Fare |\n| --- | --- | --- |\n| North | Adult | 14 |\n| North | Child | 7 |\n"
                "| Any, bicycle | Any, bicycle | 3 |"
            ),
        ),
        (
            "<table><tr><td>a<td rowspan=0>b<td rowspan=3>c<tr><td>d<tbody><tr><td>e<td>f</table>",
            "| a | b | c |\n| d | b | c |\n| e | f |",
        ),
        (
            "<table><thead><tr><td>A<td>B<tbody><tr><td colspan=2>All<tr><td>1<td>2</table>",
            "| A | B |\n| --- | --- |\n| All |\n| 1 | 2 |",
        ),
        ("<table><tr><td><h2>A</h2><td><p>b</p></table>", "A\n\nb"),
        ("<table><tr><td>only</td></tr></table>", "only"),
        (
            "<p>a<script>b</script><i hidden>c</i><i style='display: none'>d</i><i aria-hidden=true>e</i>f</p>",
            "af",
        ),
        ("<h3><button>Why?</button></h3><div role=region hidden>So.</div><button>Send</button>", "Why?\n\nSo."),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢"),
        (
            '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></semantics></math>',
            "x^2",
        ),
    ],
)
def test_what_is_seen_is_what_is_read(html: str, expected: str) -> None:
    """Each element is converted as browsers show it, and hidden ones are left out."""
    assert text_of(html) == expected


def test_headings_are_known_by_their_level() -> None:
    """A heading is one row with its level; an empty heading gives no row."""
    rows = rows_of(parse_html("<h1>A <i>b</i></h1><h2> </h2><h3>C<br>d</h3><p>e</p>"))
    assert [(row.text, row.level) for row in rows if row.text] == [("A b", 1), ("C d", 3), ("e", 0)]


def test_too_deep_a_page_is_refused() -> None:
    """A page nested so deeply that the parser would truncate it is refused."""
    with pytest.raises(UserError, match="too deeply"):
        parse_html("<div>" * 5000 + "words")


@given(st.lists(st.sampled_from("<p> <ul> <li> </ul> <table> <tr> <td> </table> <pre> </pre> <br> <dd> a b".split())))
def test_no_word_is_lost_and_no_row_holds_a_line_feed(tokens: list[str]) -> None:
    """In any mix of elements, every visible character is kept once and in order, with one line per row."""
    html = "<body>x" + "".join(tokens)
    rows = rows_of(parse_html(html))
    letters = [char for row in rows for char in row.text if char in "abx"]
    assert sorted(letters) == sorted(["x", *(token for token in tokens if token in {"a", "b"})])
    assert all("\n" not in row.text for row in rows)
