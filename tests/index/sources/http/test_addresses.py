"""No address leads to this machine or a private network, in any notation."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import UserError
from index.sources.http.addresses import folder_of, is_public, parse_address, resolve


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_private_numbers_are_not_public(number: str) -> None:
    """Private addresses are recognised, also embedded in IPv6 addresses."""
    assert not is_public(number)


@pytest.mark.parametrize(
    "number", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_numbers_are_public(number: str) -> None:
    """A public address is allowed."""
    assert is_public(number)


@given(st.ip_addresses(v=4))
def test_wrapping_changes_nothing(ip: object) -> None:
    """An IPv4 address embedded in an IPv6 address is public only if it is so by itself."""
    assert is_public(f"::ffff:{ip}") == is_public(str(ip))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "017700000001", "[::1]", "0"],
)
def test_ways_to_write_this_machine_are_refused(host: str) -> None:
    """Names and addresses of this machine are refused, naming the setting that allows them."""
    with pytest.raises(UserError, match=r"private network.*FETCH_PRIVATE_ADDRESSES|was not found|not a web address"):
        resolve(parse_address(f"http://{host}/"), private=False)


def test_a_host_with_one_private_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with a public and a private address is refused."""
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 80)) for number in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kinds: entries)
    address = parse_address("http://both.example/")
    with pytest.raises(UserError, match="refused"):
        resolve(address, private=False)
    assert resolve(address, private=True) == ["1.1.1.1", "127.0.0.1"]


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        (" HTTPS://News.Example/a#b ", "https://news.example/a"),
        ("http://news.example:80", "http://news.example/"),
        ("http://news.example:8080/a?b=c", "http://news.example:8080/a?b=c"),
        ("http://[2606:4700::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("https://news.example./a b".replace(" ", "%20"), "https://news.example/a%20b"),
    ],
)
def test_one_page_has_one_address(given_url: str, url: str) -> None:
    """Letter case, default ports and fragments are normalised."""
    assert parse_address(given_url).url == url
    assert parse_address(url).url == url


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://", "http:///a", "javascript:x", "https://a b", "http://[x", ""]
)
def test_what_is_no_address_is_told(url: str) -> None:
    """Other schemes and broken addresses are refused."""
    with pytest.raises(UserError, match="not a web address"):
        parse_address(url)


def test_passwords_are_not_sent() -> None:
    """An address with a password is refused, and the password is not repeated."""
    with pytest.raises(UserError, match="user name or password") as refused:
        parse_address("https://me:secret@a.example/")
    assert "secret" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_told(text: str) -> None:
    """Any input is either parsed or raises UserError."""
    try:
        address = parse_address(f"https://{text}")
    except UserError:
        return
    assert parse_address(address.url).url == address.url


def test_the_folder_of_a_page() -> None:
    """Pages in the same folder have the same prefix."""
    assert folder_of("https://a.example/b/c?d=/e") == "https://a.example/b/"
    assert folder_of("https://a.example") == "https://a.example/"


@pytest.mark.parametrize(
    "number",
    [
        "64:ff9b:1::7f00:1",  # the local NAT64 prefix, RFC 8215
        "64:ff9b::7f00:1",
        "64:ff9b::c0a8:101",
        "2002:7f00:1::",  # 6to4
        "2002:c0a8:101::1",
        "2001:0:7f00:1::",  # Teredo: its server
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo: its client 127.0.0.1
        "2a00:1450::5efe:10.0.0.1",  # ISATAP
        "2a00:1450::200:5efe:127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "::127.0.0.1",
        "fec0::1",
        "5f00::1",
    ],
)
def test_wrapped_private_addresses_are_refused(number: str) -> None:
    """An IPv6 address that leads to a private IPv4 address is as private as that one."""
    assert not is_public(number)


@pytest.mark.parametrize("number", ["2a00:1450:4001:80b::200e", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_public_addresses_stay_public(number: str) -> None:
    """Global addresses may be fetched, also through NAT64."""
    assert is_public(number)
