"""English texts of conversations: the short help, and what is said about long messages."""

from __future__ import annotations

from i18n.translation import Translated


class ConversationTexts:
    """What the bot says to greetings, and to messages that ask too much."""

    __slots__ = ()

    SHORT_HELP = Translated(
        "**Ask me a question, and I answer in the articles' own words, letter for letter.**\n"
        "Mention me with your question, reply to one of my answers, or use `/ask`."
    )
    HELP_ASK_BUTTON = Translated("Ask a question")
    HELP_ARTICLES_BUTTON = Translated("List articles")
    HELP_PRIVACY_BUTTON = Translated("What I store")
    HELP_SETUP_BUTTON = Translated("Set me up")
    ASK_FORM_LABEL = Translated("Your question")
    QUESTION_CUT = Translated("-# Your question was too long; I read its first {count} characters.")
    REACTIONS_OPTION = Translated("Whether I react with an emoji to thanks, praise and the like.")
    MISSED_OPTION = Translated("Answer what I was asked while I was away, up to so many minutes ago; 0 means never.")
    CONVERSATION_SETTINGS = Translated(
        "Reactions to thanks and the like: {reactions}\nQuestions asked while I was away: {missed}"
    )
    REACTIONS_ON = Translated("on")
    REACTIONS_OFF = Translated("off")
    MISSED_ANSWERED = Translated("answered for {minutes} minutes")
    MISSED_LEFT = Translated("not answered")
    QUESTIONS_LEFT_OUT = Translated("I answer up to {most} questions in a message. Please ask the others again.")
