"""English texts of `/verbatim`."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class AdminTexts:
    """Settings, set-up, checks and figures for the people who manage a server."""

    __slots__ = ()

    ADMIN_NAME: Final = "verbatim"
    ADMIN_DESCRIPTION = Translated("For those who run this server.")

    # Settings
    SETTINGS_NAME: Final = "settings"
    SETTINGS_DESCRIPTION = Translated("Show the settings of this server, or change those that are given.")
    SETTINGS_OPTIONS = Translated(
        {
            "plain": "Show answers as embeds, for clients that cannot show the newer layout.",
            "language": "The language of what all can read. What one member alone sees is in that member's own.",
            "helpers_channel": "Where calls for a human are posted; this brings the button to ask one.",
            "helpers_role": "Who may post previewed answers, and is named (never pinged) when a human is called.",
            "member_limit": "Questions that a member may ask in a minute; 0 means no limit.",
            "channel_limit": "Questions that may be asked in a channel in a minute; 0 means no limit.",
            "server_limit": "Questions that may be asked in this server in a minute; 0 means no limit.",
            "reset": "Put all settings back to their defaults first.",
        }
    )
    SETTINGS = Translated(
        "**Settings of this server**\n"
        "{state}\n"
        "Layout: {layout}\n"
        "Language: {language}\n"
        "Helpers' channel: {channel}\n"
        "Helpers' role: {role}\n"
        "Questions a minute: {member} for a member, {each} in a channel, {server} in the server"
    )
    STATE_PAUSED = Translated("Paused: nothing is answered until `/verbatim pause` is used again.")
    STATE_ANSWERING = Translated("Answering questions.")
    LAYOUT_PLAIN = Translated("plain (embeds)")
    LAYOUT_RICH = Translated("layout components")
    LANGUAGE_OF_EACH = Translated("that of each member, as set in Discord")
    NOT_SET = Translated("not set")
    NO_LIMIT = Translated("no limit")

    # Set-up
    SETUP_NAME: Final = "setup"
    SETUP_DESCRIPTION = Translated("Set me up step by step, try a question, and check my permissions.")
    SETUP_PAGES = Translated(
        (
            (
                "**Set-up, 1 of 4: helpers.** With a channel set, members can ask a human about an answer. I never "
                "ping the role."
            ),
            (
                "**Set-up, 2 of 4: language, looks and limits.** The plain layout is for clients that cannot show "
                "the newer one."
            ),
            (
                "**Set-up, 3 of 4: where to answer.** Unless you choose channels here, I answer commands and "
                "mentions everywhere."
            ),
            "**Set-up, 4 of 4: try it.** See how I answer a question of yours; nobody else sees it.",
        )
    )
    SETUP_SAVED = Translated(
        "-# Each choice holds at once and is kept, also if you stop here; `/verbatim setup` begins anew."
    )
    SETUP_CHANNEL = Translated("Helpers' channel")
    SETUP_ROLE = Translated("Helpers' role")
    SETUP_LANGUAGE = Translated("Language of what all can read")
    SETUP_LAYOUT = Translated("Layout")
    SETUP_LAYOUTS = Translated(
        {
            "rich": "Layout components",
            "plain": "Plain (embeds)",
        }
    )
    SETUP_LIMITS = Translated("Questions a minute")
    SETUP_LIMIT = Translated("{member} for a member, {each} in a channel, {server} in the server")
    SETUP_QUESTIONS = Translated("Answer questions here without a mention")
    SETUP_FLOOR = Translated("How sure I must be to speak unasked")
    SETUP_THREADS = Translated("How I answer what was not put to me")
    SETUP_OFF = Translated("Never answer messages here")
    SETUP_NOT_YOURS = Translated("Somebody else began this set-up. `/verbatim setup` begins your own.")
    SETUP_TRY = Translated("Try a question")
    SETUP_QUESTION = Translated("Your question")

    # What is answered in a channel
    CHANNEL_NAME: Final = "channel"
    CHANNEL_DESCRIPTION = Translated("Set what I answer in a channel, or in all channels of a category.")
    CHANNEL_CHANNEL_DESCRIPTION = Translated("The channel, forum or category.")
    CHANNEL_MODE_DESCRIPTION = Translated("Which messages I answer there. Commands work everywhere.")
    CHANNEL_CONFIDENCE_DESCRIPTION = Translated("How sure I must be to speak there unasked.")
    CHANNEL_THREAD_DESCRIPTION = Translated(
        "Answer there what was not put to me in a new thread, instead of by a reply."
    )
    FLOOR = Translated("{word} confidence or more")
    FLOOR_NONE = Translated("as sure as for any answer")
    IN_REPLIES = Translated("by a reply")
    IN_THREADS = Translated("in a new thread")
    CHANNEL_UNASKED = Translated("Where I answer unasked: {floor}, {way}")
    CHANNEL_NEEDS_CONTENT = Translated(
        "I cannot hear messages that do not mention me. Whoever runs me has to switch on the Message Content intent "
        "on the Bot page of the application, and set MESSAGE_CONTENT=true."
    )
    MODES = Translated(
        {
            "off": "nothing",
            "mentioned": "only what mentions me",
            "questions": "questions, where I have an answer; forum posts once",
            "everything": "every message; forum posts once",
        }
    )

    # Pause
    PAUSE_NAME: Final = "pause"
    PAUSE_DESCRIPTION = Translated("Stop answering in this server, or go on.")
    PAUSED_NOW = Translated("I answer nothing in this server now. `/verbatim pause` again lets me go on.")
    GOING_ON = Translated("I answer questions in this server again.")

    # Check of permissions
    CHECK_NAME: Final = "check"
    CHECK_DESCRIPTION = Translated("Check that I may do what I need to, channel by channel.")
    CHECK_HEADING = Translated("**This is missing:**")
    CHECK_FINE = Translated("**All is well.** I have every permission that I need, in every channel.")
    CHECK_FINDING = Translated("{channels}: {finding}")
    CHECK_VIEW = Translated("**View Channel** is missing. Mentions and replies there are not answered; `/ask` works.")
    CHECK_SEND = Translated("**Send Messages** is missing. Mentions and replies there are not answered; `/ask` works.")
    CHECK_THREADS = Translated(
        "**Send Messages in Threads** is missing. Mentions in threads and posts there are not answered."
    )
    CHECK_NEW_THREADS = Translated(
        "**Create Public Threads** is missing. Questions there are answered by a reply, not in threads of their own."
    )
    CHECK_HISTORY = Translated(
        "**Read Message History** is missing. Answers to messages there cannot be tied to the question."
    )
    CHECK_EMBEDS = Translated("**Embed Links** is missing. Answers to messages there stay empty in the plain layout.")
    CHECK_HELPERS = Translated(
        "{channel}: I cannot write to the helpers there. *Ask a human* fails until I may view it and send."
    )
    CHECK_HELPERS_GONE = Translated(
        "The helpers' channel is gone. *Ask a human* fails until `/verbatim settings` names another."
    )

    # Figures
    AND_MORE = Translated("{named} and {count} more")
    DAYS_DESCRIPTION = Translated("How many days to look back, up to 90; otherwise 30.")
    STATS_NAME: Final = "stats"
    STATS_DESCRIPTION = Translated("How many questions were asked here, and what came of them.")
    STATS_NOTHING = Translated("Nothing was asked in the last {days} days.")
    STATS_HEADING = Translated("**{count} questions in the last {days} days**")
    STATS_OUTCOMES = Translated(
        "Answered: {answered:.0%} · nearest passages: {closest:.0%} · not covered: {not_covered:.0%}"
    )
    STATS_HELPFUL = Translated("Helpful: {share:.0%} of {votes} votes")
    STATS_NO_VOTES = Translated("Nobody has said yet whether an answer helped.")
    STATS_SLOWEST = Translated("that one")
    STATS_PICTURE = Translated("Questions a day from {first} to {last}, as bars.")
    STATS_PICTURE_MOST = Translated("Most were asked on {date}: {count}.")
    STATS_KEY = Translated("{outcome} {count:,}")
    STATS_TIMES = Translated("Time to answer: {median:.2f} s in the middle, {slowest:.2f} s at most")
    STATS_QUOTED = Translated("**Most quoted**")
    ARTICLE_GONE = Translated("an article that is gone")

    # Questions without an answer
    GAPS_NAME: Final = "gaps"
    GAPS_DESCRIPTION = Translated("What members asked and the articles did not answer, without names.")
    GAPS_MEMBERS_DESCRIPTION = Translated("Show only what at least this many different members asked; otherwise 2.")
    GAPS_NOTHING = Translated(
        "In the last {days} days, no {members} members asked the same thing without getting an answer."
    )
    GAPS_HEADING = Translated("**Asked by at least {members} members in the last {days} days, and not answered**")
    GAP = Translated("{members} members, {times} times: {question}")

    # Why an answer was given
    WHY_NAME: Final = "why"
    WHY_DESCRIPTION = Translated("Show what an answer was weighed from.")
    WHY_MESSAGE_DESCRIPTION = Translated("The link of my answer; otherwise the newest one in this channel.")
    WHY_NO_ANSWER = Translated("I remember no answer there. Give the link of one of my answers in this server.")
    WHY_QUESTION = Translated("**{question}**")
    WHY_OUTCOME = Translated("Outcome: {outcome}, probability {confidence:.3f}")
    WHY_THRESHOLDS = Translated("An answer needs {answer:g}, the nearest passages need {closest:g}.")
    WHY_TIME = Translated("Found in {seconds:.2f} s. The quotations that were weighed, each with its probability:")
    WHY_CHOSEN = Translated("chosen by the moderators")
    WHY_SHOWN = Translated(" (shown)")
    OUTCOMES = Translated(
        {
            "answer": "answer",
            "closest": "nearest passages",
            "not_covered": "not covered",
        }
    )
