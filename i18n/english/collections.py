"""English texts about collections of articles."""

from __future__ import annotations

from i18n.translation import Translated


class CollectionTexts:
    """Options that name collections, what is shown of them, and why one cannot be used."""

    __slots__ = ()

    # Options
    COLLECTION_DESCRIPTION = Translated("Search only this collection of articles.")
    COLLECTION_LIST_DESCRIPTION = Translated("List only this collection of articles.")
    COLLECTION_ADD_DESCRIPTION = Translated("Collections to put it into, with commas between them.")
    CHANNEL_COLLECTIONS_DESCRIPTION = Translated(
        "Answer here only from these collections, with commas between them; “all” for every article."
    )
    ARTICLE_TAG_NAME = "tag"
    ARTICLE_TAG_DESCRIPTION = Translated("Choose which collections an article is in.")
    TAG_COLLECTIONS_DESCRIPTION = Translated("Its collections, with commas between them; “none” takes it out of all.")
    TAG_EVERYTHING_DESCRIPTION = Translated(
        "Do this for everything from the same site or channel, also what is added later."
    )
    COLLECTIONS_ALL = Translated("all articles")
    COLLECTIONS_NONE = Translated("no collection")

    # What is set
    CHANNEL_COLLECTIONS = Translated("only {names}")
    ARTICLE_TAGS = Translated("Collections: {names}")
    TAGGED = Translated("{article} is in {names} now.")
    TAGGED_EVERYTHING = Translated("Everything from {source} is in {names} now.")
    UNTAGGED = Translated("{article} is in no collection now.")
    UNTAGGED_EVERYTHING = Translated("Nothing from {source} is in a collection now.")
    LISTED_COLLECTIONS = Translated("Only {names}.")
    GAP_PLACES = Translated("{gap} – {places}")
    GAP_PLACE = Translated("{channel} (only {names})")

    # What cannot be
    NO_SUCH_COLLECTION = Translated("There is no collection “{name}” here. There are: {known}.")
    NO_COLLECTIONS = Translated("There is no collection “{name}” here. `/article tag` puts an article into one.")
    COLLECTION_OUTSIDE = Translated(
        "This channel is answered only from {names}, and no article there is also in “{name}”. Ask in another channel."
    )
    COLLECTION_OF_WHAT = Translated(
        "Give an address or a file with it. For a pasted text, use `/article tag` once it is added."
    )
    COLLECTIONS_UNKNOWN = Translated(
        "Discord does not say at the moment which channel this is, so that it is not known which articles may be "
        "quoted here. Try again in a minute."
    )
    TAG_NOTHING_FOLLOWED = Translated(
        "{article} is not from a site or channel, so only the article itself was changed."
    )
