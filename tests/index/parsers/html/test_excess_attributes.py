"""A tag with very many attributes takes no more time than its length, and costs nothing of the page."""

from __future__ import annotations

import time

import pytest

from index.parsers.html.dom import parse_html
from index.parsers.html.excess_attributes import without_excess_attributes


def attributes(count: int) -> str:
    return " ".join(f"a{number}='{number} > 0'" for number in range(count))


MANY = attributes(501)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (f"<p>a</p><p {MANY}>b</p><i c=d>e", "<p>a</p><p>b</p><i c=d>e"),
        (f"a<P\n{MANY}/>b</p {MANY}>c", "a<P>b</p>c"),
        (f"<p {MANY}", "<p>"),
        (f"<!-- <p {MANY}> --><p {MANY}>a", f"<!-- <p {MANY}> --><p>a"),
        (f'<script>x<a b="</script><p {MANY}>a</p>"', '<script>x<a b="</script><p>a</p>"'),
        (f"<script {MANY}>if (a<b) '</p'</script><p>a", "<script>if (a<b) '</p'</script><p>a"),
        (f"<title><p {MANY}></title><p {MANY}>a", f"<title><p {MANY}></title><p>a"),
        (f"<!DOCTYPE html><?xml?></3><p {MANY}>a", "<!DOCTYPE html><?xml?></3><p>a"),
    ],
)
def test_they_are_dropped(page: str, expected: str) -> None:
    """The tag and everything around it stay; what is no tag is not touched."""
    assert without_excess_attributes(page) == expected


@pytest.mark.parametrize(
    "page",
    [
        f"<p {attributes(500)}>a</p>",
        f'<p title="{MANY}" class=">">a < b && c <= d </p>',
        "<p title='a>b\"c'd=e/f><br/><a href=x/y>z</a><p a = b  c= 'd' = >",
        "<!--><p>a<!-- b -- c --->d<!-",
        "<textarea><p></textarea ><svg/><",
        "",
    ],
)
def test_nothing_else_changes(page: str) -> None:
    """Pages as people write them are returned as they are."""
    assert without_excess_attributes(page) == page


def test_the_text_is_read() -> None:
    """A page with a hostile tag has the same text as without it."""
    root = parse_html(f"<article><p {attributes(20_000)}>The ferry leaves at seven.</p><p>Dogs are free.</p></article>")

    assert [each.text for each in root.iter("p")] == ["The ferry leaves at seven.", "Dogs are free."]


@pytest.mark.parametrize(
    "unit",
    ["a='b' ", "a ", "><a b", "<a ", '<a b="', "<a b='\"", "<script>", "</title ", "<!--", "<!-", "</", "<", "= ", "/"],
)
def test_the_time_grows_with_the_length(unit: str) -> None:
    """Four times the tag takes about four times as long, whatever it consists of."""

    def seconds(length: int) -> float:
        page, found = f"<p {unit * (length // len(unit))}", []
        for _ in range(3):
            start = time.process_time()
            without_excess_attributes(page)
            found.append(time.process_time() - start)
        return min(found)

    assert any(seconds(800_000) < 9 * max(seconds(200_000), 1e-3) for _ in range(3))
