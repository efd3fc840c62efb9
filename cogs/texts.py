"""Every word that the bot says of its own accord. Quotations come from the articles, never from here."""

from __future__ import annotations

from typing import Final

# The command
ASK_NAME: Final = "ask"
ASK_DESCRIPTION: Final = "Ask a question. The answer is quoted from the articles, word for word."
QUESTION_NAME: Final = "question"
QUESTION_DESCRIPTION: Final = "What do you want to know? One question, up to {limit} characters."

PRIVATE_NAME: Final = "private"
PRIVATE_DESCRIPTION: Final = "Show the answer to me alone."
ARTICLE_NAME: Final = "article"
ARTICLE_DESCRIPTION: Final = "Look in this article only. Type a part of its title."

# Message menu commands
ANSWER_THIS: Final = "Answer this"
FIND_SOURCE: Final = "Find the source"

# Outcomes
CLOSEST_HEADING: Final = "**No sure answer.**"
CLOSEST_WARNING: Final = "These are the nearest passages; they may not answer your question."
NOT_COVERED_HEADING: Final = "**Not covered.**"
NOT_COVERED_HINT: Final = (
    "The articles do not cover this. Try other words, or name the person, place or thing you mean. "
    "If it should be covered, tell whoever looks after the articles."
)
ANSWER_FOOTER: Final = "Answer, quoted word for word · {confidence} confidence"
CLOSEST_FOOTER: Final = "Nearest passages, quoted word for word · {confidence} confidence"
NOT_COVERED_FOOTER: Final = "Not covered"

# Confidence in words, best first: from this probability on, this word
CONFIDENCE: Final = ((0.9, "very high"), (0.75, "high"), (0.5, "fair"), (0.25, "low"), (0.0, "very low"))

# Around a quotation
PLACE: Final = "paragraph {paragraph} of {paragraphs}"
OPEN_SOURCE: Final = "open the article"
UNTITLED: Final = "Untitled"
CUT_BEFORE: Final = "(shortened) …"
CUT_AFTER: Final = "… (shortened)"

# Buttons under an answer
MORE_BUTTON: Final = "More quotes"
CONTEXT_BUTTON: Final = "In context"
HELPFUL_BUTTON: Final = "Helpful"
UNHELPFUL_BUTTON: Final = "Not helpful"
HUMAN_BUTTON: Final = "Ask a human"
DELETE_BUTTON: Final = "Delete"
POST_BUTTON: Final = "Post"
BACK_BUTTON: Final = "Back"
NEXT_BUTTON: Final = "Next"

# What the buttons show and say
MORE_HEADING: Final = "**Further passages.** They were less likely to answer than what was shown."
MORE_FOOTER: Final = "Quoted word for word · page {page} of {pages}"
CONTEXT_HEADING: Final = "**In context.** The quotation is in bold."
CONTEXT_FOOTER: Final = "From the article, word for word · quotation {page} of {pages}"
SOURCE_CHANGED: Final = "The source has changed since: this quotation no longer stands in its article."
SOURCES_CHANGED: Final = "The source has changed since: {count} quotations here no longer stand in their articles."
ANSWER_FORGOTTEN: Final = "I no longer remember this answer. Please ask the question again."
BUTTON_UNKNOWN: Final = "This button is of another version of me. Please ask the question again."
NOTHING_MORE: Final = "There is nothing more to show here."
THANKS: Final = "Thank you, noted."
REASON_TITLE: Final = "What was wrong?"
REASON_LABEL: Final = "What was wrong with the answer?"
REASONS: Final = {
    "wrong": "It does not answer the question",
    "outdated": "It is out of date",
    "missing": "The articles should cover this and do not",
    "unclear": "It is hard to understand",
    "other": "Something else",
}
REASON_DETAILS: Final = "Anything that helps to mend it"
HUMAN_WANTED: Final = "{member} asks for a human's help with this answer: {link}"
HUMAN_CALLED: Final = "The helpers have been told."
HUMAN_CALLED_BEFORE: Final = "The helpers have been told of this answer already."
HUMAN_TOO_OFTEN: Final = "You have just asked for help. You can do it again {when}."
HELPERS_MISSING: Final = (
    "I cannot write where the helpers are. Someone who runs the server can mend that with `/verbatim settings`."
)
NOT_YOURS: Final = "Only the person who asked and those who manage messages here can do this."
POST_NOT_ALLOWED: Final = "Only this server's helpers and those who manage messages here can post an answer for others."
POSTED_BEFORE: Final = "This answer has been posted already."
POSTED: Final = "Posted: {link}"
NOTHING_TO_READ: Final = "There is no text in this message that I could read."

# Limits
MEMBER_LIMIT: Final = "You have asked a lot just now. You can ask again {when}."
CHANNEL_LIMIT: Final = "A lot was asked in this channel just now. You can ask again {when}."
SERVER_LIMIT: Final = "A lot was asked in this server just now. You can ask again {when}."
PAUSED: Final = "I am paused in this server. Someone who runs it can end that with `/verbatim pause`."

# Sources of a claim
SOURCE_VERBATIM: Final = "**This stands in the articles, word for word.**"
SOURCE_NEAREST: Final = "**The nearest sentences in the articles.** Whether they say the same is for you to judge."
SOURCE_NONE: Final = "**Nothing like this stands in the articles.**"
SOURCE_FOOTER: Final = "Quoted word for word"
NO_SUCH_ARTICLE: Final = "No article is called that. Choose one from the list that appears while you type."

# Notices
HOW_TO_ASK: Final = (
    "Write your question after my name, for example: who founded the library, and when? `/ask` works as well. "
    "I answer with the articles' own words, or say that they do not cover it."
)
BUSY: Final = "Many questions are waiting right now. Please ask again in a minute."
STOPPING: Final = "I am restarting. Please ask again in a minute."
CHANGED_MEANWHILE: Final = "The articles changed while I was looking. Please ask again."
COMMAND_CHANGED: Final = "This command has just changed. Please wait a minute, reload Discord and try again."
NOT_ALLOWED: Final = "You are not allowed to use this here."
NOT_HERE: Final = "I am not allowed to do this here. Someone who runs the server can give me the permission."
TOLD_PRIVATELY: Final = "-# Only the person who asked can see what came of this."
UNEXPECTED: Final = (
    "Something went wrong on my side, and nothing was answered. Please ask again; the log knows it as {id}."
)

# What the operator reads
TOKEN_MISSING: Final = (
    "No Discord token is set: create a bot at https://discord.com/developers/applications, copy its token "  # noqa: S105 - no password
    "from the Bot page, and put DISCORD_TOKEN=... into the file .env."
)
TOKEN_REFUSED: Final = (
    "Discord refused the token: copy it again from the Bot page of your application at "  # noqa: S105 - no password
    "https://discord.com/developers/applications (Reset Token) and put it into .env as DISCORD_TOKEN=..."
)
INTENTS_REFUSED: Final = (
    "Discord refused a privileged intent: switch it on under Bot, Privileged Gateway Intents, of your application "
    "at https://discord.com/developers/applications, or switch off the setting that needs it."
)
UNREACHABLE: Final = "Discord cannot be reached from here: check the network of this machine, then start again."
