"""English texts of `/article`."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class ArticleTexts:
    """Adding, listing, renaming and removing articles; their history, export and import."""

    __slots__ = ()

    ARTICLE_NAME: Final = "article"
    ARTICLE_GROUP_DESCRIPTION = Translated("The articles of this server, for those who run it.")

    # Adding an article
    ARTICLE_ADD_NAME: Final = "add"
    ARTICLE_ADD_DESCRIPTION = Translated(
        "Add an article: a web page, a file, or a text that you paste. A preview comes first."
    )
    ARTICLE_ADDRESS_DESCRIPTION = Translated("The address of a web page, sitemap or feed, beginning with https://.")
    ARTICLE_FILE_DESCRIPTION = Translated(
        "A text, web page, PDF, Office file, e-book, subtitles, table of questions, or an archive of these."
    )
    SAVE_AS_ARTICLE = Translated("Save as article")
    ARTICLE_FORM_TITLE = Translated("Add an article")
    ARTICLE_FORM_HEADING = Translated("Title")
    ARTICLE_FORM_TEXT = Translated("Text")
    ARTICLE_PASTED = Translated("pasted text")
    ARTICLE_ADD_BUTTON = Translated("Add")
    ARTICLE_CANCEL_BUTTON = Translated("Cancel")
    ARTICLE_PREVIEW = Translated("**Preview.** This is stored, and quoted from, once you press *Add*.")
    ARTICLE_LENGTH = Translated("{count:,} characters")
    ARTICLE_CLUTTER = Translated("left out as clutter: {count:,} lines or blocks")
    ARTICLE_BEGINNING = Translated("The beginning, word for word")
    ARTICLE_ADDING = Translated("Adding the article …")
    ARTICLE_CANCELLED = Translated("Cancelled, nothing was changed.")
    ARTICLE_STATUS = Translated(
        {
            "added": "Added: {article}",
            "replaced": "Replaced by the new version: {article}",
            "unchanged": "Unchanged: {article}",
            "same_text": "The same text is there already, and now has both sources: {article}",
            "renamed": "Renamed: {article}",
            "restored": "Brought back: {article}",
        }
    )

    # Renaming
    ARTICLE_RENAME_NAME: Final = "rename"
    ARTICLE_RENAME_DESCRIPTION = Translated(
        "Give an article of this server another title, which stays when it is refreshed."
    )
    ARTICLE_TITLE_DESCRIPTION = Translated("The new title.")
    ARTICLE_RENAMED = Translated("Renamed: {before} is called {after} now.")

    # History
    ARTICLE_HISTORY_NAME: Final = "history"
    ARTICLE_HISTORY_DESCRIPTION = Translated(
        "Tell what has happened to an article, or to all, and bring back what was before."
    )
    ARTICLE_HISTORY_CHOICE = Translated("The article; otherwise all of this server, with those that were removed.")
    ARTICLE_HISTORY_HEADING = Translated(
        "**What has happened**, newest first, in UTC. *Bring back* restores what was before that line."
    )
    ARTICLE_HISTORY_NOTHING = Translated("Nothing has happened here yet.")
    ARTICLE_EVENTS = Translated(
        {
            "added": "added",
            "joined": "another source with the same text",
            "replaced": "replaced by a new version",
            "renamed": "renamed",
            "removed": "removed",
            "restored": "brought back",
            "erased": "removed for good",
        }
    )
    ARTICLE_BY = Translated(
        {
            "refresh": "by a refresh",
            "terminal": "in the terminal",
            "discord": "with its message",
        }
    )
    ARTICLE_CHANGED = Translated("characters changed: {count:,}")
    ARTICLE_WAS = Translated("before: {title}")
    ARTICLE_RESTORE_BUTTON = Translated("Bring back {number}")

    # Export and import
    ARTICLE_EXPORT_NAME: Final = "export"
    ARTICLE_EXPORT_DESCRIPTION = Translated(
        "Send all articles of this server as one file, which /article import reads."
    )
    ARTICLE_EXPORTED = Translated(
        "All articles of this server ({count:,}); `/article import` brings them to any server."
    )
    ARTICLE_EXPORT_TOO_LARGE = Translated(
        "The articles are more than the {limit:g} MB that may be sent here. Let whoever runs me use `python bot.py "
        "export`."
    )
    ARTICLE_IMPORT_NAME: Final = "import"
    ARTICLE_IMPORT_DESCRIPTION = Translated(
        "Add all articles of a file that /article export has made. A preview comes first."
    )
    ARTICLE_IMPORT_FILE_DESCRIPTION = Translated("The file that was exported.")
    ARTICLE_IMPORT_PREVIEW = Translated(
        "**Preview.** Articles that are stored once you press *Add*: {count:,}, with {characters:,} characters. What "
        "is there already stays as it is. For instance:"
    )
    ARTICLE_IMPORT_EMPTY = Translated("There are no articles in this file.")
    ARTICLE_IMPORT_DAMAGED = Translated("{name} is damaged, so nothing was imported; export it once more.")
    ARTICLE_IMPORTING = Translated("Importing: {done:,} of {count:,} …")
    ARTICLE_IMPORTED = Translated("Imported: {what}.")
    ARTICLE_IMPORT_COUNT = Translated("{what}: {count:,}")
    ARTICLE_IMPORT_NONE = Translated("nothing")
    ARTICLE_IMPORT_STATUS = Translated(
        {
            "added": "added",
            "replaced": "replaced",
            "unchanged": "unchanged",
            "same_text": "known by another source",
        }
    )

    # What keeps an article from being added
    PREVIEW_FORGOTTEN = Translated("I no longer remember this preview. Please add the article again.")
    PREVIEW_NOT_YOURS = Translated("Only the person who asked for this can press here.")
    ARTICLE_ONE_SOURCE = Translated("Give an address or a file, not both; add the other one by itself.")
    ARTICLE_FAILED = Translated("{source}: {reason}")
    CHARACTERS_FULL = Translated(
        "This server's articles have {count:,} characters, and may have no more than {limit:,}. Remove some with "
        "`/article remove`, or let whoever runs me raise SERVER_CHARACTERS."
    )
    LOADS_FULL = Translated(
        "This server has had {limit:,} pages and files read today, which is all it may. Go on tomorrow (UTC), or let "
        "whoever runs me raise SERVER_LOADS."
    )
    ARTICLE_FILE_TOO_LARGE = Translated("The file is larger than {limit} MB; split it into several articles.")
    ARTICLE_TOO_LONG = Translated("The text is longer than {limit:,} characters; split it into several articles.")
    ARTICLE_FILE_LOST = Translated("Discord does not give the file out; send it again.")

    # Finding and showing articles
    ARTICLE_LIST_NAME: Final = "list"
    ARTICLE_LIST_DESCRIPTION = Translated("List the articles of this server, and those that all servers share.")
    ARTICLE_SEARCH_DESCRIPTION = Translated("A part of the title.")
    ARTICLE_LIST_HEADING = Translated("**Articles**")
    ARTICLE_SHARED_MARK = Translated("shared")
    ARTICLE_LIST_FOOTER = Translated("Page {page} of {pages} · articles: {count:,}")
    ARTICLE_LIST_EMPTY = Translated("There are no articles yet. `/article add` adds one.")
    ARTICLE_LIST_NOTHING = Translated("No article has a title like that.")
    ARTICLE_LIST_FORGOTTEN = Translated("I no longer remember what was searched for. Please use `/article list` again.")
    ARTICLE_SHOW_NAME: Final = "show"
    ARTICLE_SHOW_DESCRIPTION = Translated("Show what is known of an article, and its beginning.")
    ARTICLE_CHOICE_DESCRIPTION = Translated("The article. Type a part of its title.")

    # Removing and refreshing
    ARTICLE_REMOVE_NAME: Final = "remove"
    ARTICLE_REMOVE_DESCRIPTION = Translated("Remove an article of this server, after asking once more.")
    ARTICLE_REMOVE_BUTTON = Translated("Remove")
    ARTICLE_REMOVE_QUESTION = Translated("**Remove this article?** Nothing is quoted from it any more then.")
    ARTICLE_REMOVED = Translated("Removed: {article}")
    ARTICLE_REMOVED_BEFORE = Translated(
        "This article is gone already, or has changed. `/article list` shows what is there."
    )
    ARTICLE_NOT_OWN = Translated(
        "{article} is shared by all servers, so it cannot be changed from here. Whoever runs me can do that with "
        "`python bot.py`."
    )
    ARTICLE_REFRESH_NAME: Final = "refresh"
    ARTICLE_REFRESH_DESCRIPTION = Translated("Read an article of this server from its address again.")
    ARTICLE_NO_ADDRESS = Translated(
        "{article} did not come from a web address. Add it again under the same name, and it replaces what is there."
    )

    ARTICLES_FULL = Translated(
        "This server has {count:,} articles, and may have no more than {limit:,}. Remove one with `/article remove`, "
        "or let whoever runs me raise SERVER_ARTICLES."
    )
