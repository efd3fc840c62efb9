"""English texts of `/config` and `/insights`."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class AdminTexts:
    """Settings, setup, checks and figures for the people who manage a server."""

    __slots__ = ()

    CONFIG_NAME: Final = "config"
    CONFIG_DESCRIPTION = Translated("Settings, for people who manage this server.")
    INSIGHTS_NAME: Final = "insights"
    INSIGHTS_DESCRIPTION = Translated("What members asked, and how it was answered.")

    # Settings
    SETTINGS_NAME: Final = "settings"
    SETTINGS_DESCRIPTION = Translated("Show this server's settings, or change the ones you give.")
    SETTINGS_OPTIONS = Translated(
        {
            "plain": "Show answers as embeds, for clients that can't show the newer layout.",
            "language": "The language of messages that everyone sees. Private replies are in each member's own.",
            "helpers_channel": "Where requests for help are posted. Setting it adds the button to ask a human.",
            "helpers_role": "Who can post previewed answers, and claim requests for help.",
            "editor_role": "Who can add, change and remove articles, besides people who manage this server.",
            "helpers_ping": "Ping the helper role when someone asks for help. Off unless you switch it on.",
            "member_limit": "How many questions a member can ask per minute; 0 means no limit.",
            "channel_limit": "How many questions can be asked per minute in a channel; 0 means no limit.",
            "server_limit": "How many questions can be asked per minute in this server; 0 means no limit.",
            "questions": "What I store of questions: nothing, only their outcome, or their text too.",
            "question_days": "How many days I store the text of questions, if I do.",
        }
    )
    SETTINGS = Translated(
        "**This server's settings**\n"
        "{state}\n"
        "Look: {layout}\n"
        "Language: {language}\n"
        "Helper channel: {channel}\n"
        "Helper role: {role}\n"
        "Editor role: {editor}\n"
        "Questions per minute: {member} per member, {each} per channel, {server} in the whole server"
    )
    STATE_ANSWERING = Translated("Answering questions.")
    LANGUAGE_OF_EACH = Translated("each member's own, as set in Discord")
    NOT_SET = Translated("not set")
    NO_LIMIT = Translated("no limit")
    QUESTION_POLICIES = Translated(
        {
            "off": (
                "Questions: not stored. After 30 minutes the buttons under an answer stop, follow-up "
                "questions to it are not understood, and statistics don't count it."
            ),
            "counted": (
                "Questions: only counted. After 30 minutes follow-up questions and edits are not understood, "
                "and members can't delete an answer; `/insights gaps` and `/insights why` don't know the "
                "question."
            ),
            "kept": "Questions: their text is stored for {days} days.",
        }
    )
    QUESTION_CHOICES = Translated(
        {
            "off": "Nothing",
            "counted": "Only the outcome",
            "kept": "The text too",
        }
    )

    # Setup
    SETUP_NAME: Final = "setup"
    SETUP_DESCRIPTION = Translated("Set me up step by step, try a question, and check my permissions.")
    SETUP_LIMIT = Translated("{member} per member, {each} per channel, {server} in the whole server")

    # What is answered in a channel
    CHANNEL_NAME: Final = "channel"
    CHANNEL_DESCRIPTION = Translated("Set what I answer in a channel, or in every channel of a category.")
    CHANNEL_CHANNEL_DESCRIPTION = Translated("The channel, forum or category.")
    CHANNEL_MODE_DESCRIPTION = Translated("Which messages I answer there. Commands work everywhere.")
    CHANNEL_CONFIDENCE_DESCRIPTION = Translated("How confident I must be to answer there unprompted.")
    CHANNEL_THREAD_DESCRIPTION = Translated(
        "Answer messages that aren't addressed to me in a new thread, not with a reply."
    )
    FLOOR = Translated("{word} confidence or higher")
    FLOOR_NONE = Translated("the same as for any answer")
    IN_REPLIES = Translated("with a reply")
    IN_THREADS = Translated("in a new thread")
    CHANNEL_UNASKED = Translated("Without being mentioned I answer {way}. How sure I must be: {floor}")
    NEEDS_CONTENT = Translated(
        "I can't read messages that don't mention me. The bot owner has to switch on the Message Content intent on "
        "the application's Bot page, and set MESSAGE_CONTENT=true."
    )
    MODES = Translated(
        {
            "off": "nothing",
            "mentioned": "only messages that mention me",
            "questions": "questions that I have an answer to; forum posts once",
            "everything": "every message; forum posts once",
        }
    )

    # Check of permissions
    CHECK_NAME: Final = "check"
    CHECK_DESCRIPTION = Translated("Check channel by channel that I have the permissions I need.")
    CHECK_HEADING = Translated("**What is missing:**")
    CHECK_FINE = Translated("**All good.** I have every permission I need, in every channel.")
    CHECK_FINDING = Translated("{channels}: {finding}")
    CHECK_VIEW = Translated("**View Channel** is missing. I can't answer mentions or replies there; `/ask` works.")
    CHECK_SEND = Translated("**Send Messages** is missing. I can't answer mentions or replies there; `/ask` works.")
    CHECK_THREADS = Translated(
        "**Send Messages in Threads** is missing. I can't answer mentions in threads or posts there."
    )
    CHECK_NEW_THREADS = Translated(
        "**Create Public Threads** is missing. I answer questions there with a reply, not in a new thread."
    )
    CHECK_HISTORY = Translated(
        "**Read Message History** is missing. My answers there can't be shown as replies to the question."
    )
    CHECK_EMBEDS = Translated(
        "**Embed Links** is missing. In the plain layout, my answers to messages there are empty."
    )
    CHECK_HELPERS = Translated(
        "{channel}: I can't post to the helpers there. *Ask a human* won't work until I can view the channel and "
        "send messages."
    )
    CHECK_HELPERS_GONE = Translated(
        "The helper channel is gone. *Ask a human* won't work until you set another one with `/config settings`."
    )

    # Figures
    AND_MORE = Translated("{named} and {count} more")
    DAYS_DESCRIPTION = Translated("How many days to look back, up to 90. Default: 30.")
    STATS_NAME: Final = "stats"
    STATS_DESCRIPTION = Translated("How many questions were asked here, and how they turned out.")
    STATS_NOTHING = Translated("Nobody asked anything in the last {days} days.")
    STATS_HEADING = Translated("**{count} questions in the last {days} days**")
    STATS_OUTCOMES = Translated(
        "Answered: {answered:.0%} · closest passages: {closest:.0%} · not covered: {not_covered:.0%}"
    )
    STATS_HELPFUL = Translated("Helpful: {share:.0%} of {votes} votes")
    STATS_NO_VOTES = Translated("Nobody has rated an answer yet.")
    STATS_SLOWEST = Translated("that answer")
    STATS_PICTURE = Translated("Bar chart of questions per day from {first} to {last}.")
    STATS_PICTURE_MOST = Translated("The busiest day was {date}: {count}.")
    STATS_KEY = Translated("{outcome} {count:,}")
    STATS_TIMES = Translated("Time to answer: {median:.2f} s (median), {slowest:.2f} s at most")
    STATS_QUOTED = Translated("**Most quoted**")
    ARTICLE_GONE = Translated("an article that no longer exists")

    # Questions without an answer
    GAPS_NAME: Final = "gaps"
    GAPS_DESCRIPTION = Translated("Questions that members asked and the articles don't answer, without names.")
    GAPS_MEMBERS_DESCRIPTION = Translated("Show only questions that at least this many members asked. Default: 2.")
    GAPS_NOTHING = Translated(
        "In the last {days} days, no question asked by at least {members} members went unanswered."
    )
    GAPS_HEADING = Translated("**Unanswered questions from at least {members} members in the last {days} days**")
    GAP = Translated("{members} members, {times} times: {question}")

    # Why an answer was given
    WHY_NAME: Final = "why"
    WHY_DESCRIPTION = Translated("Show which quotes an answer was chosen from.")
    WHY_MESSAGE_DESCRIPTION = Translated("The link to my answer. Default: the newest one in this channel.")
    WHY_NO_ANSWER = Translated(
        "I don't remember an answer there. Give me the link to one of my answers in this server."
    )
    WHY_QUESTION = Translated("**{question}**")
    QUESTION_NOT_KEPT = Translated("(the question is not stored)")
    WHY_OUTCOME = Translated("Outcome: {outcome}, probability {confidence:.3f}")
    WHY_THRESHOLDS = Translated("An answer needs {answer:g}, the closest passages need {closest:g}.")
    WHY_TIME = Translated("Found in {seconds:.2f} s. The quotes I considered, each with its probability:")
    WHY_SHOWN = Translated(" (shown)")
    OUTCOMES = Translated(
        {
            "answer": "answer",
            "closest": "closest passages",
            "not_covered": "not covered",
        }
    )
