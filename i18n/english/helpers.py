"""English texts of calls for a human, and of what helpers have written as articles."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class HelperTexts:
    """Asking a human, and learning from one."""

    __slots__ = ()

    # What the member is told
    HUMAN_CALLED = Translated("I've let the helpers know. You'll hear from me when someone is on it.")
    HUMAN_CALLED_BEFORE = Translated("The helpers already know about this answer.")
    HUMAN_HELPED_BEFORE = Translated("The helpers have already answered this: {link}")
    HUMAN_ONE_CALL = Translated(
        "You've already asked for help here: {link}. Once that is solved, you can ask about something else."
    )
    HUMAN_TOO_OFTEN = Translated("You just asked for help. You can ask again {when}.")
    HELPERS_MISSING = Translated(
        "I can't post in the helper channel. Someone who manages this server can fix that with `/config settings`."
    )
    HUMAN_CLAIMED = Translated("{helper} is looking at your question: {link}")
    HUMAN_RESOLVED = Translated("Your question has been answered by a person: {link}")
    HUMAN_SOLVED = Translated("Good to hear! The helpers know that you need no more help.")
    SOLVED_BUTTON = Translated("It's solved")

    # The call in the helpers' channel
    CALL_WANTED = Translated("{member} asks for a human's help.")
    CALL_OPEN_QUESTION = Translated("open the question")
    CALL_ELSEWHERE = Translated("{member} can't read this channel. Please answer where the question was asked.")
    CALL_QUOTES = Translated("The nearest passages in the articles:")
    CALL_NO_QUOTES = Translated("The articles have nothing close to it.")
    CALL_OPEN = Translated("Nobody is on it yet.")
    CALL_CLAIMED = Translated("{member} is on it.")
    CALL_RESOLVED = Translated("Solved.")
    CALL_WITHDRAWN = Translated("This call is over: the question or my answer was deleted.")
    CALL_WITHDRAWN_TITLE = Translated("Question deleted")
    CALL_THREAD_TITLE = Translated("Question to a human")
    CLAIM_BUTTON = Translated("I'll answer")
    UNCLAIM_BUTTON = Translated("Let others answer")
    RESOLVE_BUTTON = Translated("Mark as solved")
    CALL_OVER = Translated("This call for help is over.")
    CALL_TAKEN = Translated("{member} is already on it.")
    CALL_NOT_TAKEN = Translated("Nobody is on it.")
    CALL_NOT_A_HELPER = Translated("Only this server's helpers and moderators can do this.")
    CALL_NOT_YOURS = Translated("Only the helper who is on it, the person who asked, or a moderator can do this.")

    # Once it is solved
    CALL_SAVE_OFFER = Translated(
        "**Solved, thank you!** Should I know this the next time? Press *Save my words*, and I can quote what you "
        "wrote here. You see it first, and only your own messages are used."
    )
    CALL_SAVE_HINT = Translated(
        "**Solved, thank you!** Should I know this the next time? Open the menu of the message with the answer, and "
        "choose *Save as article* under Apps."
    )
    SAVE_MINE_BUTTON = Translated("Save my words")

    # Saving words as an article
    WORDS_PREVIEW = Translated(
        "**Preview.** If you agree, I can quote these words when somebody asks. I save the words, the heading and the "
        "link to the message, not your name. If you edit or delete the message, the article follows."
    )
    WORDS_PREVIEW_OTHERS = Translated(
        "**Preview.** These are {author}'s words, so I ask them first. Nothing is saved until they agree."
    )
    WORDS_PREVIEW_BOT = Translated("**Preview.** A bot wrote this. If it changes or deletes it, the article follows.")
    WORDS_REQUEST = Translated(
        "{author}, {editor} would like me to know this the next time somebody asks. May I save and quote your words? I "
        "save the words, the heading and the link to the message, not your name. Nothing is saved until you agree, and "
        "if you edit or delete the message, the article follows."
    )
    WORDS_FOR_ALL = Translated(
        "With *Yes, for everyone* I can quote it everywhere in this server, although not everyone can read the message "
        "itself."
    )
    WORDS_CHOOSE = Translated("Which messages?")
    YES_BUTTON = Translated("Yes, save my words")
    YES_BOT_BUTTON = Translated("Save")
    YES_ALL_BUTTON = Translated("Yes, for everyone")
    NO_BUTTON = Translated("No")
    ASK_AUTHOR_BUTTON = Translated("Ask the author")
    HEADING_BUTTON = Translated("Change heading")
    HEADING_FORM_TITLE = Translated("Heading of the article")
    HEADING_FORM_LABEL = Translated("The question that it answers")
    WORDS_SAVED = Translated(
        "Saved, thank you: {articles}\n-# To undo this, choose *Save as article* in the menu of the message again."
    )
    WORDS_ASKED = Translated("I've asked {author}: {link}")
    WORDS_ASKED_BEFORE = Translated("The author has already been asked: {link}")
    WORDS_REFUSED = Translated("Not saved.")
    WORDS_ALREADY = Translated("This message is an article already: {article}")
    WORDS_UPDATED = Translated("The message was edited, and the article now has the new words: {article}")
    WORDS_REMOVED = Translated("Removed: {article}. I don't quote these words any more.")
    WORDS_REMOVED_BEFORE = Translated("This was removed before.")
    REMOVE_WORDS_BUTTON = Translated("Remove")

    # What keeps words from being saved
    WORDS_OWN = Translated("I wrote this myself, so there is nothing for me to learn.")
    WORDS_NOT_ALLOWED = Translated(
        "Helpers can save their own messages, and moderators and editors those of others, if the author agrees."
    )
    WORDS_NOT_YOURS = Translated("Only the person who wrote the message can agree to this.")
    WORDS_NONE = Translated("I found no messages of yours that answer this question.")
    WORDS_GONE = Translated("The message was deleted.")
    WORDS_UNREADABLE = Translated(
        "I can't read this message by myself here. Its author can choose *Save as article* in its menu, under Apps."
    )
    WORDS_AUTHOR_LEFT = Translated("The author is no longer in this server, so nobody can agree to this.")
    WORDS_CANNOT_ASK = Translated(
        "I can't write in {channel}, so I can't ask the author there. They can choose *Save as article* in the menu of "
        "the message themselves, if they are a helper."
    )
    OFFER_OVER = Translated("This offer is over. Choose *Save as article* in the menu of the message again.")

    # Pinging the helpers
    HELPERS_PING = Translated("A request for help pings the helper role.")
    CHECK_HELPERS_PING = Translated(
        "I can't ping {role}. In the server's settings, under Roles, allow anyone to mention that role."
    )

    # The list
    ANSWERS_NAME: Final = "answers"
    ANSWERS_DESCRIPTION = Translated("List the messages of people that I learned as articles, and remove them.")
    ANSWERS_NOTHING = Translated(
        "No messages have been saved as articles yet. Choose *Save as article* in the menu of a message, under Apps."
    )
    ANSWERS_HEADING = Translated("**Answers by people**")
    ANSWERS_LINE = Translated("saved {day}")
    ANSWERS_UNREAD = Translated("edited since; its author can update it with *Save as article*")
    ANSWERS_FOOTER = Translated("Page {page} of {pages} · answers: {count:,}")
    ANSWERS_REMOVE = Translated("Remove …")

    # Privacy
    PRIVACY_HELPERS = Translated(
        "Calls for a human that name you: {calls}\nMessages of yours that are articles, or may become some: {words}"
    )
