"""English texts of questions and answers."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class AnswerTexts:
    """The outcomes, the buttons under an answer, notices and help."""

    __slots__ = ()

    # The command
    ASK_NAME: Final = "ask"
    ASK_DESCRIPTION = Translated("Ask a question. The answer is quoted from the articles, word for word.")
    QUESTION_DESCRIPTION = Translated("What do you want to know? One question, up to {limit} characters.")
    PRIVATE_DESCRIPTION = Translated("Show the answer to me alone.")
    ARTICLE_DESCRIPTION = Translated("Look in this article only. Type a part of its title.")

    # Message menu commands
    ANSWER_THIS = Translated("Answer this")
    FIND_SOURCE = Translated("Find the source")

    # Outcomes
    CLOSEST_HEADING = Translated("**No sure answer.**")
    CLOSEST_WARNING = Translated("These are the nearest passages; they may not answer your question.")
    NOT_COVERED_HEADING = Translated("**Not covered.**")
    NOT_COVERED_HINT = Translated(
        "The articles do not cover this. Try other words, or name the person, place or thing you mean. If it should "
        "be covered, tell whoever looks after the articles."
    )
    DIFFERENT = Translated("The articles do not agree here; mind their dates.")
    UNDERSTOOD = Translated("about: {about}")
    ANSWER_FOOTER = Translated("Answer, quoted word for word · {confidence} confidence")
    CHOSEN_FOOTER = Translated("Answer, quoted word for word")
    CLOSEST_FOOTER = Translated("Nearest passages, quoted word for word · {confidence} confidence")
    NOT_COVERED_FOOTER = Translated("Not covered")

    # Confidence in words, best first: from this probability on, this word
    CONFIDENCE = Translated(((0.9, "very high"), (0.75, "high"), (0.5, "fair"), (0.25, "low"), (0.0, "very low")))

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

    # Buttons under an answer
    MORE_BUTTON = Translated("More quotes")
    CONTEXT_BUTTON = Translated("In context")
    SOURCES_BUTTON = Translated("Sources")
    HELPFUL_BUTTON = Translated("Helpful")
    UNHELPFUL_BUTTON = Translated("Not helpful")
    HUMAN_BUTTON = Translated("Ask a human")
    DELETE_BUTTON = Translated("Delete")
    POST_BUTTON = Translated("Post")
    BACK_BUTTON = Translated("Back")
    NEXT_BUTTON = Translated("Next")

    # What the buttons show and say
    MORE_HEADING = Translated("**Further passages.** They were less likely to answer than what was shown.")
    MORE_FOOTER = Translated("Quoted word for word · page {page} of {pages}")
    CONTEXT_HEADING = Translated("**In context.** The quotation is in bold.")
    CONTEXT_FOOTER = Translated("From the article, word for word · quotation {page} of {pages}")
    SOURCES_HEADING = Translated("**Sources.** Where each quotation stands, word for word.")
    SOURCES_FOOTER = Translated("Sources · page {page} of {pages}")
    QUOTATION = Translated("Quotation {number}")
    SOURCE_CHANGED = Translated("The source has changed since: this quotation no longer stands in its article.")
    SOURCES_CHANGED = Translated(
        "The source has changed since: {count} quotations here no longer stand in their articles."
    )
    AGED_ONE = Translated(
        "**The source has changed since.** What was quoted here no longer stands in its article. Please ask again."
    )
    AGED_SOME = Translated(
        "**The source has changed since.** Of what was quoted here, {count} of {shown} no longer stand in their "
        "articles. Please ask again."
    )
    ANSWER_FORGOTTEN = Translated("I no longer remember this answer. Please ask the question again.")
    BUTTON_UNKNOWN = Translated("This button is of another version of me. Please ask the question again.")
    NOTHING_MORE = Translated("There is nothing more to show here.")
    HELPFUL_WHICH = Translated("Thank you, noted. Which quotation helped?")
    THANKS = Translated("Thank you, noted.")
    REASON_TITLE = Translated("What was wrong?")
    REASON_LABEL = Translated("What was wrong with the answer?")
    REASONS = Translated(
        {
            "wrong": "It does not answer the question",
            "outdated": "It is out of date",
            "missing": "The articles should cover this and do not",
            "unclear": "It is hard to understand",
            "other": "Something else",
        }
    )
    REASON_QUOTATION = Translated("Which quotation? None means all of them")
    REASON_DETAILS = Translated("Anything that helps to mend it")
    HUMAN_WANTED = Translated("{member} asks for a human's help with this answer: {link}")
    HUMAN_CALLED = Translated("The helpers have been told.")
    HUMAN_CALLED_BEFORE = Translated("The helpers have been told of this answer already.")
    HUMAN_TOO_OFTEN = Translated("You have just asked for help. You can do it again {when}.")
    HELPERS_MISSING = Translated(
        "I cannot write where the helpers are. Someone who runs the server can mend that with `/verbatim settings`."
    )
    NOT_YOURS = Translated("Only the person who asked and those who manage messages here can do this.")
    POST_NOT_ALLOWED = Translated(
        "Only this server's helpers and those who manage messages here can post an answer for others."
    )
    POSTED_BEFORE = Translated("This answer has been posted already.")
    POSTED = Translated("Posted: {link}")
    QUESTION_GONE = Translated("The question is gone.")
    NOTHING_TO_READ = Translated("There is no text in this message that I could read.")

    # Limits
    MEMBER_LIMIT = Translated("You have asked a lot just now. You can ask again {when}.")
    CHANNEL_LIMIT = Translated("A lot was asked in this channel just now. You can ask again {when}.")
    SERVER_LIMIT = Translated("A lot was asked in this server just now. You can ask again {when}.")
    PAUSED = Translated("I am paused in this server. Someone who runs it can end that with `/verbatim pause`.")

    # Sources of a claim
    SOURCE_VERBATIM = Translated("**This stands in the articles, word for word.**")
    SOURCE_NEAREST = Translated(
        "**The nearest sentences in the articles.** Whether they say the same is for you to judge."
    )
    SOURCE_NONE = Translated("**Nothing like this stands in the articles.**")
    SOURCE_FOOTER = Translated("Quoted word for word")
    NO_SUCH_ARTICLE = Translated("No article is called that. Choose one from the list that appears while you type.")

    # Notices
    HOW_TO_ASK = Translated(
        "Write your question after my name, for example: who founded the library, and when? `/ask` works as well. I "
        "answer with the articles' own words, or say that they do not cover it."
    )
    BUSY = Translated("Many questions are waiting right now. Please ask again in a minute.")
    STOPPING = Translated("I am restarting. Please ask again in a minute.")
    CHANGED_MEANWHILE = Translated("The articles changed while I was looking. Please ask again.")
    COMMAND_CHANGED = Translated("This command has just changed. Please wait a minute, reload Discord and try again.")
    OPTION_REFUSED = Translated("I cannot use one of these choices. Please choose again from what Discord offers.")
    NOT_ALLOWED = Translated("You are not allowed to use this here.")
    NOT_HERE = Translated("I am not allowed to do this here. Someone who runs the server can give me the permission.")
    TOLD_PRIVATELY = Translated("-# Only the person who asked can see what came of this.")
    UNEXPECTED = Translated(
        "Something went wrong on my side, and nothing was answered. Please ask again; the log knows it as {id}."
    )

    # Help
    HELP_NAME: Final = "help"
    HELP_DESCRIPTION = Translated("How to ask, and what the answers mean.")
    FORGET_NAME: Final = "forget"
    FORGET_DESCRIPTION = Translated("Delete what I remember of you: your questions, my answers' records, your votes.")
    FORGOTTEN = Translated("Done: I have forgotten {count} of your questions, and what you thought of answers.")
    HELP = Translated(
        "**I answer questions with the articles' own words, letter for letter.**\n"
        "**Ask** with `/ask`, by mentioning me, by replying to me, or in a direct message. With `/ask` you can "
        "choose one article, or have the answer shown to you alone.\n"
        "**Green** is an answer. **Yellow** are the nearest passages, which may not answer. **Grey** means that the "
        "articles do not cover it.\n"
        "**Below an answer**, *In context* shows what stands around a quotation, *Sources* every article that says "
        "it, *More quotes* what else was found, and *Helpful* or *Not helpful* tells those who look after the "
        "articles. Whoever asked can *Delete* the answer.\n"
        "**In a message's menu**, under Apps, *Answer this* shows how I would answer it, and *Find the source* "
        "whether it stands in the articles. Moderators also find *Pin a quotation* there, which is then given first "
        "to all who ask the same.\n"
        "Follow-up questions are understood in threads, in direct messages, and when you reply to an answer.\n"
        "-# I remember questions and answers for {days} days, for these buttons and for counting; `/forget` deletes "
        "yours. No text leaves the machine that I run on, except to Discord."
    )
    WELCOME = Translated(
        "**Hello! I answer questions with the articles' own words.**\n"
        "Ask with `/ask`, or mention me with a question. `/help` says more.\n"
        "Whoever runs this server: `/article add` gives me articles, `/verbatim setup` leads through the settings "
        "and checks my permissions."
    )
