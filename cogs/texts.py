"""Every word that the bot says of its own accord. Quotations come from the articles, never from here."""

from __future__ import annotations

from typing import Final

# The command
ASK_NAME: Final = "ask"
ASK_DESCRIPTION: Final = "Ask a question. The answer is quoted from the articles, word for word."
QUESTION_NAME: Final = "question"
QUESTION_DESCRIPTION: Final = "What do you want to know? One question, up to {limit} characters."

# Outcomes
CLOSEST_HEADING: Final = "**No sure answer.**"
CLOSEST_WARNING: Final = "These are the nearest passages; they may not answer your question."
NOT_COVERED_HEADING: Final = "**Not covered.**"
NOT_COVERED_HINT: Final = (
    "The articles do not cover this. Try other words, or name the person, place or thing you mean. "
    "If it should be covered, tell whoever looks after the articles."
)
DIFFERENT: Final = "The articles do not agree here; mind their dates."
ANSWER_FOOTER: Final = "Answer, quoted word for word · {confidence} confidence"
CLOSEST_FOOTER: Final = "Nearest passages, quoted word for word · {confidence} confidence"
NOT_COVERED_FOOTER: Final = "Not covered"

# Confidence in words, best first: from this probability on, this word
CONFIDENCE: Final = ((0.9, "very high"), (0.75, "high"), (0.5, "fair"), (0.25, "low"), (0.0, "very low"))

# Around a quotation
PLACE: Final = "paragraph {paragraph} of {paragraphs}"
OPEN_SOURCE: Final = "open the article"
OPEN: Final = "open"
UNTITLED: Final = "Untitled"
ALSO_IN: Final = "also in {titles}"
CUT_BEFORE: Final = "(shortened) …"
CUT_AFTER: Final = "… (shortened)"

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
