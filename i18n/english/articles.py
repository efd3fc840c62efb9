"""English texts of `/library` and `/article`."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class ArticleTexts:
    """Adding, listing, renaming and removing articles; their history, export and import."""

    __slots__ = ()

    ARTICLE_NAME: Final = "article"
    ARTICLE_GROUP_DESCRIPTION = Translated("Add, change and remove this server's articles, for its editors.")

    # Adding an article
    ARTICLE_ADD_NAME: Final = "add"
    ARTICLE_ADD_DESCRIPTION = Translated("Add an article: a web page, a file or pasted text. You get a preview first.")
    ARTICLE_ADDRESS_DESCRIPTION = Translated("The address of a web page, sitemap or feed, starting with https://.")
    ARTICLE_FILE_DESCRIPTION = Translated(
        "Text, web page, PDF, Office file, e-book, subtitles, table of questions, or an archive of these."
    )
    SAVE_AS_ARTICLE = Translated("Save as article")
    ARTICLE_FORM_TITLE = Translated("Add an article")
    ARTICLE_FORM_HEADING = Translated("Title")
    ARTICLE_FORM_TEXT = Translated("Text")
    ARTICLE_PASTED = Translated("pasted text")
    ARTICLE_ADD_BUTTON = Translated("Add")
    ARTICLE_PREVIEW = Translated("**Preview.** Press *Add* to store this text and quote from it.")
    ARTICLE_LENGTH = Translated("{count:,} characters")
    ARTICLE_KEPT = Translated("kept {kept:,} of {total:,} characters; the rest was taken for clutter")
    ARTICLE_CLUTTER = Translated("left out as clutter: {count:,} lines or blocks")
    ARTICLE_MISSING_PAGES = Translated("pages or chapters that cannot be read, left out: {pages}")
    ARTICLE_BEGINNING = Translated("The beginning, word for word")
    ARTICLE_ADDING = Translated("Adding the article …")
    ARTICLE_CANCELLED = Translated("Cancelled. Nothing was changed.")
    ARTICLE_STATUS = Translated(
        {
            "added": "Added: {article}",
            "replaced": "Replaced by the new version: {article}",
            "unchanged": "Unchanged: {article}",
            "same_text": "This text was already there; it now has both sources: {article}",
            "renamed": "Renamed: {article}",
            "restored": "Restored: {article}",
        }
    )
    ARTICLE_ONLY_ENGLISH = Translated(
        "This article seems not to be in English. The models in use read English, so answers in it may be missed."
    )

    # Renaming
    ARTICLE_RENAME_NAME: Final = "rename"
    ARTICLE_RENAME_DESCRIPTION = Translated(
        "Give an article of this server a new title, which it keeps when it is refreshed."
    )
    ARTICLE_TITLE_DESCRIPTION = Translated("The new title.")
    ARTICLE_RENAMED = Translated("Renamed: {before} is now called {after}.")

    # History
    ARTICLE_HISTORY_NAME: Final = "history"
    ARTICLE_HISTORY_DESCRIPTION = Translated(
        "Show what has happened to one or all articles, and restore what was there before."
    )
    ARTICLE_HISTORY_CHOICE = Translated("The article. Default: all articles of this server, including removed ones.")
    ARTICLE_HISTORY_HEADING = Translated(
        "**Article history**, newest first, in UTC. *Restore* brings back what was there before that line."
    )
    ARTICLE_HISTORY_NOTHING = Translated("Nothing has happened here yet.")
    ARTICLE_EVENTS = Translated(
        {
            "added": "added",
            "joined": "another source with the same text",
            "replaced": "replaced by a new version",
            "renamed": "renamed",
            "removed": "removed",
            "restored": "restored",
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
    ARTICLE_RESTORE_BUTTON = Translated("Restore {number}")

    # Export and import
    ARTICLE_EXPORT_NAME: Final = "export"
    ARTICLE_EXPORT_DESCRIPTION = Translated(
        "Get all articles of this server as one file, which /article import can read."
    )
    ARTICLE_EXPORTED = Translated("All articles of this server ({count:,}). `/article import` adds them to any server.")
    ARTICLE_EXPORT_TOO_LARGE = Translated(
        "The articles are larger than the {limit:g} MB that I can send here. The bot owner can use `python bot.py "
        "export` instead."
    )
    ARTICLE_IMPORT_NAME: Final = "import"
    ARTICLE_IMPORT_DESCRIPTION = Translated(
        "Add all articles of a file made by /article export. You get a preview first."
    )
    ARTICLE_IMPORT_FILE_DESCRIPTION = Translated("The exported file.")
    ARTICLE_IMPORT_PREVIEW = Translated(
        "**Preview.** Press *Add* to store these articles: {count:,}, with {characters:,} characters. Articles that "
        "are already here stay as they are. For example:"
    )
    ARTICLE_IMPORT_EMPTY = Translated("There are no articles in this file.")
    ARTICLE_IMPORT_DAMAGED = Translated("{name} is damaged, so nothing was imported. Please export it again.")
    ARTICLE_IMPORTING = Translated("Importing: {done:,} of {count:,} …")
    ARTICLE_IMPORTED = Translated("Imported: {what}.")
    ARTICLE_IMPORT_COUNT = Translated("{what}: {count:,}")
    ARTICLE_IMPORT_NONE = Translated("nothing")
    ARTICLE_IMPORT_STATUS = Translated(
        {
            "added": "added",
            "kept": "left as they are, because another version is here",
            "unchanged": "unchanged",
            "same_text": "already here from another source",
        }
    )

    # What keeps an article from being added
    PREVIEW_FORGOTTEN = Translated("I no longer remember this preview. Please start again.")
    ARTICLE_GIVEN_UP = Translated(
        "What you confirmed in {channel} was not added, or not all of it: each time I started on it, I was restarted. "
        "Please try it again, in smaller parts if it is large."
    )
    PREVIEW_NOT_YOURS = Translated("Only the person who asked for this can use these buttons.")
    ARTICLE_ONE_SOURCE = Translated("Give an address or a file, not both. You can add the other one separately.")
    ARTICLE_FAILED = Translated("{source}: {reason}")
    ARTICLES_FULL = Translated(
        "This server has {count:,} articles, and the limit is {limit:,}. Remove one with `/article remove`, or ask "
        "the bot owner to raise SERVER_ARTICLES."
    )
    CHARACTERS_FULL = Translated(
        "This server's articles have {count:,} characters, and the limit is {limit:,}. Remove some with `/article "
        "remove`, or ask the bot owner to raise SERVER_CHARACTERS."
    )
    LOADS_FULL = Translated(
        "I've read {limit:,} pages and files for this server today, which is the daily limit. Continue tomorrow "
        "(UTC), or ask the bot owner to raise SERVER_LOADS."
    )
    ARTICLE_FILE_TOO_LARGE = Translated("The file is larger than {limit} MB. Please split it into several articles.")
    ARTICLE_TOO_LONG = Translated(
        "The text is longer than {limit:,} characters. Please split it into several articles."
    )
    ARTICLE_FILE_LOST = Translated("I couldn't get the file from Discord. Please send it again.")

    # Finding and showing articles
    LIBRARY_NAME: Final = "library"
    LIBRARY_DESCRIPTION = Translated("Look at the articles that I quote from.")
    ARTICLE_LIST_NAME: Final = "list"
    ARTICLE_LIST_DESCRIPTION = Translated("List this server's articles, and the ones that all servers share.")
    LIBRARY_SEARCH_NAME: Final = "search"
    LIBRARY_SEARCH_DESCRIPTION = Translated("Find articles by their titles.")
    ARTICLE_SEARCH_DESCRIPTION = Translated("Part of the title.")
    ARTICLE_LIST_HEADING = Translated("**Articles**")
    ARTICLE_SHARED_MARK = Translated("shared")
    ARTICLE_LIST_FOOTER = Translated("Page {page} of {pages} · articles: {count:,}")
    ARTICLE_LIST_EMPTY = Translated("There are no articles yet. Use `/article add` to add one.")
    ARTICLE_LIST_NOTHING = Translated("No article has a title like that.")
    ARTICLE_LIST_FORGOTTEN = Translated(
        "I no longer remember what you searched for. Please use `/library search` again."
    )
    ARTICLE_SHOW_NAME: Final = "show"
    ARTICLE_SHOW_DESCRIPTION = Translated("Show an article: where it comes from, its details and its beginning.")
    ARTICLE_CHOICE_DESCRIPTION = Translated("The article. Type part of its title.")

    # Removing and refreshing
    ARTICLE_REMOVE_NAME: Final = "remove"
    ARTICLE_REMOVE_DESCRIPTION = Translated("Remove an article of this server. You are asked to confirm.")
    ARTICLE_REMOVE_BUTTON = Translated("Remove")
    ARTICLE_REMOVE_QUESTION = Translated("**Remove this article?** I will no longer quote from it.")
    ARTICLE_REMOVED = Translated("Removed: {article}")
    ARTICLE_REMOVED_BEFORE = Translated(
        "This article is already gone, or has changed. `/library list` shows the current articles."
    )
    ARTICLE_NOT_OWN = Translated(
        "{article} is shared by all servers, so it can't be changed here. The bot owner can change it with `python "
        "bot.py`."
    )
    ARTICLE_REFRESH_NAME: Final = "refresh"
    ARTICLE_REFRESH_DESCRIPTION = Translated("Update an article of this server from its address.")
    ARTICLE_NO_ADDRESS = Translated(
        "{article} didn't come from a web address. Add it again under the same name to replace it."
    )
