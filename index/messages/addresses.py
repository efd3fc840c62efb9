"""Why a web page cannot be fetched, and what to do."""

from __future__ import annotations

from typing import Final

from index.messages.sentence import Message

# The address
NOT_AN_ADDRESS: Final = Message(
    "not_an_address", "This is not a web address; it should start with https:// and contain no spaces."
)
ADDRESS_WITH_PASSWORD: Final = Message(
    "address_with_password",
    "The address contains a user name or password; pages that need a login cannot be read, so save them.",
)
HOST_NOT_FOUND: Final = Message("host_not_found", "The host {host} was not found; check the address, or the network.")
HOST_PRIVATE: Final = Message(
    "host_private",
    "{host} leads to this machine or a private network, which is refused; "
    "set FETCH_PRIVATE_ADDRESSES=true to read an intranet.",
)

# The response
REDIRECTED_TOO_OFTEN: Final = Message(
    "redirected_too_often", "{host} redirects more than {limit} times; add the address where it should end."
)
ROBOTS_REFUSE: Final = Message(
    "robots_refuse", "The robots.txt of {host} asks programs not to read this page; save it as a file."
)
LOGIN_NEEDED: Final = Message("login_needed", "{host} needs a login; save the page as a file and add that.")
ACCESS_REFUSED: Final = Message("access_refused", "{host} refuses access to the page; save it as a file and add that.")
PAGE_NOT_FOUND: Final = Message("page_not_found", "{host} has no such page; check the address.")
PAGE_GONE: Final = Message(
    "page_gone", "{host} says that the page is gone for good; remove the article, or add its new address."
)
TOO_MANY_REQUESTS: Final = Message("too_many_requests", "{host} asks for fewer requests; try again later.")
HOST_ERROR: Final = Message("host_error", "{host} answers with an error ({status}); try again later.")
HOST_TOO_SLOW: Final = Message(
    "host_too_slow", "{host} took longer than {seconds:g} seconds to answer; try again later."
)
HOST_UNREACHABLE: Final = Message(
    "host_unreachable", "{host} cannot be reached ({reason}); check the address, or try later."
)
PAGE_TOO_LARGE: Final = Message(
    "page_too_large", "{host} sends more than {size:g} MB; add the parts of the page that matter as files."
)
ARCHIVE_AT_ADDRESS: Final = Message("archive_at_address", "This is an archive of files; download it and add that.")
TYPE_UNREADABLE: Final = Message(
    "type_unreadable", "{host} sends a file of type {type}, which cannot be read; add a page."
)
TYPE_UNNAMED: Final = Message("type_unnamed", "unknown")

# Sitemaps and feeds
NO_SITEMAP: Final = Message(
    "no_sitemap", "This XML file is neither a sitemap nor a feed; add the address of a page, a sitemap or a feed."
)
SITEMAP_AMONG_PAGES: Final = Message("sitemap_among_pages", "This is a sitemap or feed; add its address separately.")
SITEMAPS_UNREAD: Final = Message(
    "sitemaps_unread",
    "{count} sitemaps were not read, as the others took longer than {seconds:.0f} seconds. "
    "Add them by their own addresses.",
)
