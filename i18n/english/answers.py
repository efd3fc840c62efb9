"""English texts of questions and answers."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class AnswerTexts:
    """The outcomes, the buttons under an answer, notices and help."""

    __slots__ = ()

    # The command
    ASK_NAME: Final = "ask"
    ASK_DESCRIPTION = Translated("Ask a question and get an answer quoted word for word from the articles.")
    QUESTION_DESCRIPTION = Translated("What do you want to know? One question, up to {limit} characters.")
    PRIVATE_DESCRIPTION = Translated("Show the answer only to me.")
    ARTICLE_DESCRIPTION = Translated("Search only this article. Type part of its title.")

    # Message menu commands
    ANSWER_THIS = Translated("Answer this")
    FIND_SOURCE = Translated("Find the source")

    # Outcomes
    CLOSEST_HEADING = Translated("**No clear answer.**")
    CLOSEST_WARNING = Translated("These are the closest passages; they may not answer your question.")
    NOT_COVERED_HEADING = Translated("**Not covered.**")
    NOT_COVERED_HINT = Translated(
        "The articles don't cover this. Try other words, or name the person, place or thing you mean."
    )
    DIFFERENT = Translated("The articles disagree on this; check their dates.")
    UNDERSTOOD = Translated("about: {about}")
    ONLY_ENGLISH = Translated("The models in use read English; answers to questions in other languages may be missed.")
    ANSWER_FOOTER = Translated("Answer, quoted word for word · {confidence} confidence")
    CHOSEN_FOOTER = Translated("Answer, quoted word for word")
    CLOSEST_FOOTER = Translated("Closest passages, quoted word for word · {confidence} confidence")
    NOT_COVERED_FOOTER = Translated("Not covered")

    # Around a quote
    PAGE = Translated("page {page}")
    TIME = Translated("at {time}")
    PLACE = Translated("paragraph {paragraph} of {paragraphs}")
    CHOSEN = Translated("chosen by this server's moderators")
    OPEN_SOURCE = Translated("open the article")
    OPEN = Translated("open")
    UNTITLED = Translated("Untitled")
    ALSO_IN = Translated("also in {titles}")
    CUT_BEFORE = Translated("(shortened) …")
    CUT_AFTER = Translated("… (shortened)")
    ONE_MORE_STEP = Translated("… and 1 more step")
    MORE_STEPS = Translated("… and {count} more steps")

    # Buttons under an answer
    MORE_BUTTON = Translated("More")
    CONTEXT_BUTTON = Translated("Context")
    SOURCES_BUTTON = Translated("Sources")
    HUMAN_BUTTON = Translated("Ask a human")
    DELETE_BUTTON = Translated("Delete")
    POST_BUTTON = Translated("Post")
    BACK_BUTTON = Translated("Back")
    NEXT_BUTTON = Translated("Next")
    CANCEL_BUTTON = Translated("Cancel")

    # What the buttons show and say
    MORE_HEADING = Translated(
        "**More quotes.** They are less likely to answer the question than the ones already shown."
    )
    MORE_FOOTER = Translated("Quoted word for word · page {page} of {pages}")
    CONTEXT_HEADING = Translated("**In context.** The quote is in bold.")
    CONTEXT_FOOTER = Translated("From the article, word for word · quote {page} of {pages}")
    SOURCES_HEADING = Translated("**Sources.** The articles that contain each quote, word for word.")
    SOURCES_FOOTER = Translated("Sources · page {page} of {pages}")
    QUOTATION = Translated("Quote {number}")
    SOURCE_CHANGED = Translated("The source has changed: this quote is no longer in the article.")
    SOURCES_CHANGED = Translated(
        "A source has changed: {count} of these quotes can no longer be found in the articles."
    )
    AGED_ONE = Translated(
        "**The source has changed.** What was quoted here is no longer in the article. Please ask again."
    )
    AGED_SOME = Translated(
        "**A source has changed.** Of the {shown} quotes here, {count} can no longer be found in the articles. "
        "Please ask again."
    )
    ANSWER_FORGOTTEN = Translated("I no longer remember this answer. Please ask the question again.")
    BUTTON_UNKNOWN = Translated("This button comes from another version of me. Please ask the question again.")
    NOTHING_MORE = Translated("There is nothing more to show here.")
    HELPFUL_WHICH = Translated("Thanks, noted. Which quote helped?")
    THANKS = Translated("Thanks, noted.")
    REASON_TITLE = Translated("What was wrong?")
    REASON_LABEL = Translated("What was wrong with the answer?")
    REASONS = Translated(
        {
            "wrong": "It doesn't answer the question",
            "outdated": "It's out of date",
            "missing": "The articles should cover this but don't",
            "unclear": "It's hard to understand",
            "other": "Something else",
        }
    )
    REASON_QUOTATION = Translated("Which quote? Leave empty for all of them")
    REASON_DETAILS = Translated("Anything that would help to fix it")
    NOT_YOURS = Translated("Only the person who asked, or someone who can manage messages here, can do this.")
    POST_NOT_ALLOWED = Translated(
        "Only this server's helpers and people who can manage messages here can post an answer for others."
    )
    POST_PRIVATE = Translated("This answer quotes a channel that not everyone here can read, so it can't be posted.")
    SOURCE_HIDDEN = Translated("This answer quotes an article that you can't see here, so I can't show more of it.")
    ASK_PRIVATELY = Translated(
        "I can answer this only privately, and I can't send you direct messages. Use `/ask` instead."
    )
    POSTED_BEFORE = Translated("This answer has already been posted.")
    POSTED = Translated("Posted: {link}")
    QUESTION_GONE = Translated("The question is gone.")
    NOTHING_TO_READ = Translated("This message has no text that I can read.")

    # Limits
    MEMBER_LIMIT = Translated("You've asked a lot of questions in a short time. You can ask again {when}.")
    CHANNEL_LIMIT = Translated(
        "There were a lot of questions in this channel in a short time. You can ask again {when}."
    )
    SERVER_LIMIT = Translated("There were a lot of questions in this server in a short time. You can ask again {when}.")

    # Sources of a claim
    SOURCE_VERBATIM = Translated("**This is in the articles, word for word.**")
    SOURCE_NEAREST = Translated(
        "**The closest sentences in the articles.** Judge for yourself whether they say the same thing."
    )
    SOURCE_NONE = Translated("**I found nothing like this in the articles.**")
    SOURCE_FOOTER = Translated("Quoted word for word")
    NO_SUCH_ARTICLE = Translated(
        "There is no article with that title. Choose one from the list that appears as you type."
    )

    # Notices
    HOW_TO_ASK = Translated(
        "Write your question after my name, for example: who founded the library, and when? `/ask` works too. I "
        "answer in the articles' own words, or tell you that they don't cover it."
    )
    BUSY = Translated("A lot of questions are waiting right now. Please ask again in a minute.")
    BUSY_FOR = Translated("A lot of questions are waiting right now. Your answer will take about {seconds} seconds.")
    STOPPING = Translated("I'm restarting. Please ask again in a minute.")
    SETTINGS_UNREADABLE = Translated(
        "I can't read this server's settings at the moment, so I'm not answering here. Please try again in a minute."
    )
    CHANGED_MEANWHILE = Translated("The articles changed while I was searching. Please ask again.")
    ARTICLES_UNAVAILABLE = Translated("I can't look at the articles just now. Please try again later.")
    DATA_UNREACHABLE = Translated("I can't reach my data at the moment. Please try again in a minute.")
    SEARCH_UNREACHABLE = Translated("I can't search the articles at the moment. Please try again in a minute.")
    COMMAND_CHANGED = Translated("This command has just changed. Please wait a minute, reload Discord and try again.")
    OPTION_REFUSED = Translated("I can't use one of these options. Please choose one that Discord offers.")
    NOT_ALLOWED = Translated("You're not allowed to use this here.")
    USE_AGAIN = Translated("Now I know that you may use this. Please use it again.")
    NOT_HERE = Translated("I'm not allowed to do this here. Someone who manages this server can give me permission.")
    TOLD_PRIVATELY = Translated("-# Only the person who asked can see the reply.")
    UNEXPECTED = Translated("Something went wrong on my end, so I couldn't answer. Please ask again (error {id}).")

    # Help
    HELP_NAME: Final = "help"
    HELP_DESCRIPTION = Translated("How to ask, and what the answers mean.")
    PRIVACY_NAME: Final = "privacy"
    FORGET_NAME: Final = "forget"
    FORGET_DESCRIPTION = Translated(
        "Delete what I remember about you: your questions, my answers to them, and your votes."
    )
    FORGOTTEN = Translated(
        "Done. I've deleted your questions ({count}), your votes and what else I had stored about you. Articles stay, "
        "those of your messages too; an editor can remove them."
    )
    FORGOTTEN_ON_SERVER = Translated(
        "I can't read it any more. On the database's disk it may remain until the space is used again, and in "
        "backups of the database for longer."
    )
    FORGET_LIMITED = Translated("I've just deleted what I remembered about you. You can use this again {when}.")
    PRIVACY_DESCRIPTION = Translated("Show what I have stored about you.")
    PRIVACY = Translated(
        "**What I have stored about you, in all servers**\n"
        "Questions with your id: {questions} (the oldest: {oldest})\n"
        "Questions in memory only, for at most 30 minutes: {recent}\n"
        "Votes: {votes}\n"
        "Site imports that you started: {imports}\n"
        "Article libraries whose history names you: {libraries}\n"
        "`/forget` deletes all of it, except imports that are still running."
    )
