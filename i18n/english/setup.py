"""English texts of the welcome message, `/config setup`, `/help` and `/about`."""

from __future__ import annotations

from typing import Final

from i18n.translation import Translated


class SetupTexts:
    """What people read who have just invited the bot, and who set it up."""

    __slots__ = ()

    # The first message in a server
    WELCOME = Translated(
        "**Hello! I answer questions in your articles' own words.**\n"
        "An article is any text that you give me: rules, a guide, an FAQ, a web page. I find the sentence that "
        "answers and quote it exactly.\n\n"
        "**You look after this server?** Press *Add your first article*, then ask me something that it answers. *Set "
        "up* is for languages, channels and helpers; it can wait.\n\n"
        "**Everyone:** ask with `/ask`, or mention me. `/help` shows how."
    )
    WELCOME_DIRECT = Translated(
        "**Thanks for inviting me to {server}!** I may not write in any of its channels, so I'm telling you here.\n"
        "1. In the server's settings, allow my role *View Channel* and *Send Messages* in at least one channel.\n"
        "2. In that channel, use `/article add` to give me a first text, and `/ask` to ask about it.\n"
        "`/config setup` leads through everything else, and `/config check` says where a permission is missing."
    )
    WELCOME_ADD = Translated("Add your first article")
    WELCOME_SETUP = Translated("Set up")

    # Adding an article with the form
    ADD_FORM_TEXT_HINT = Translated("Paste up to 4,000 characters. For a longer text, attach a file below.")
    ADD_FORM_TITLE_HINT = Translated("Optional. Without one, the first line is the title.")
    ADD_FORM_ADDRESS = Translated("Or a web address")
    ADD_FORM_ADDRESS_HINT = Translated("Starts with https://. I read the page and keep it up to date.")
    ADD_FORM_FILE = Translated("Or a file")
    ADD_FORM_FILE_HINT = Translated("PDF, Word, web page, plain text and others, up to {limit} MB.")
    ADD_NOTHING = Translated("There was nothing in the form. Paste a text, give a web address, or attach a file.")
    ADD_ONLY_ONE = Translated("I took only {used}. Send the rest as another article.")
    ADD_USED = Translated({"file": "the file", "text": "the text", "address": "the web address"})

    # Asking for the first time
    TRIAL_BUTTON = Translated("Ask a question")
    TRIAL_FORM_TITLE = Translated("Ask a question")
    TRIAL_FORM_QUESTION = Translated("Your question")
    TRIAL_FORM_HINT = Translated("Ask something that an article answers. Only you see the answer.")

    # The pages of the wizard
    WIZARD_PAGES = Translated(
        (
            "### Set-up 1 of 5: language and looks",
            "### Set-up 2 of 5: who helps\nNothing here has to be chosen. You can come back at any time.",
            (
                "### Set-up 3 of 5: where I answer\n"
                "Everyone can use `/ask` and mention me in every channel. Here you choose where I do more, or less."
            ),
            "### Set-up 4 of 5: check",
            "### Set-up 5 of 5: articles and a first question",
        )
    )
    WIZARD_SAVED = Translated(
        "-# Each choice is saved at once, even if you stop here. `/config setup` opens this again."
    )
    WIZARD_SKIP = Translated("Skip to the last step")
    WIZARD_NOT_EVERYONE = Translated("@everyone is not a role that I can use here. Choose one that only some have.")
    WIZARD_NOT_YOURS = Translated("Someone else started this set-up. Use `/config setup` to start your own.")
    WIZARD_LABELS = Translated(
        {
            "language": "Language",
            "layout": "Look of my messages",
            "limits": "Questions per minute",
            "editors": "Editors",
            "helpers": "Helpers",
            "helpers_channel": "Channel of the helpers",
            "digest": "Weekly digest and votes",
            "questions": "Answer here without being mentioned",
            "off": "Stay silent here",
            "floor": "How sure I must be there",
            "threads": "How I answer there",
        }
    )
    WIZARD_HINTS = Translated(
        {
            "language": "Of messages that everyone sees. What only one member sees is in their own language.",
            "layout": "Choose plain messages if someone sees my messages empty, on an old version of Discord.",
            "limits": "Whoever asks more than that has to wait for a minute.",
            "editors": "This role may add, change and remove articles, like people who manage the server.",
            "helpers": "This role helps when a member presses *Ask a human*.",
            "helpers_channel": "Their requests arrive here. Without a channel, nobody is offered *Ask a human*.",
            "digest": "Here your staff reads each week what was asked, and each vote that an answer did not help.",
            "questions": "Channels, forums or categories where I answer every question that an article covers.",
            "off": "I ignore messages here, even if they mention me. `/ask` works.",
            "floor": "Before I answer without being mentioned. The surer, the fewer answers, and the fewer wrong ones.",
            "threads": "A thread keeps the channel tidy; a reply is seen sooner.",
        }
    )
    WIZARD_CHOOSE_ROLE = Translated("Nobody yet. Choose a role")
    WIZARD_CHOOSE_CHANNEL = Translated("None yet. Choose a channel")
    WIZARD_CHOOSE_CHANNELS = Translated("None yet. Choose channels")
    LAYOUTS = Translated({"rich": "Compact messages", "plain": "Plain messages"})
    WIZARD_FIRST = Translated(
        "I answer only from what you give me, so I need a first article: your rules, a guide, an FAQ. Paste the text, "
        "give a web address or attach a file. Then ask me something that it answers."
    )
    WIZARD_HAS_ARTICLES = Translated(
        "Articles in this server: {count:,}. Ask me something that one of them answers; only you see it."
    )
    WIZARD_ADD_MORE = Translated("Add another article")

    # Who can do what, in /help
    HELP = Translated(
        "**I answer questions in the articles' own words, letter for letter.**\n"
        "**Ask** with `/ask`, mention me with a question, reply to one of my answers, or write me a direct message.\n"
        "**The colour** says how well it fits: green is an answer; yellow is the nearest text, which may not answer "
        "it; grey means that no article covers it.\n"
        "**Below an answer** you find where it comes from and what stands around it, and you can say whether it "
        "helped. In a message's menu, under Apps, *Answer this* answers a message, and *Find the source* looks for it "
        "in the articles.\n"
        "`/library list` shows the articles."
    )
    HELP_MODERATORS = Translated(
        "**For moderators:** `/pin add` shows a passage first whenever its question is asked, `/pin list` lists these "
        "passages. `/insights gaps` shows which questions no article answers, `/insights why` explains an answer."
    )
    HELP_HELPERS = Translated(
        "**For helpers:** *I'll answer*, below a call for help, shows that you are on it; *Mark as solved* closes it. "
        "With *Save as article*, in the menu of your own message, I can quote it the next time."
    )
    HELP_EDITORS = Translated(
        "**For editors:** `/article add` adds a text, a web page or a file. In a message's menu, *Save as article* "
        "does it with a message, and `/article answers` lists these. `/article tag` puts articles into collections, "
        "`/article follow channel` keeps a whole channel as articles, `/article history` brings back earlier versions."
    )
    HELP_MANAGERS = Translated(
        "**For people who manage this server:** `/config setup` leads through the settings, `/config channel` sets "
        "what I do in a channel, `/config check` looks for missing permissions, and `/config pause` silences me."
    )
    HELP_PRIVACY = Translated(
        "-# I keep questions and answers for at most {days} days. `/privacy` shows what I know about you, `/forget` "
        "deletes it, and `/about` says more about me."
    )

    # /about
    ABOUT_NAME: Final = "about"
    ABOUT_DESCRIPTION = Translated("Which version I am, what I store, and how to invite me.")
    ABOUT = Translated(
        "**{name}**, version {version}\n"
        "I quote articles letter for letter and write nothing of my own. No text leaves the machine I run on, except "
        "to Discord.\n"
        "**Articles you can ask about here:** {articles:,}\n"
        "**What I store:** articles, settings, and where each answer came from. {questions}\n"
        "`/privacy` shows what I know about you, `/forget` deletes it."
    )
    ABOUT_INVITE = Translated("Invite me to another server")
    ABOUT_PROJECT = Translated("Project page")
    ABOUT_SHARD = Translated("-# Shard {shard} of {count}")

    # Pausing
    PAUSE_NAME: Final = "pause"
    PAUSE_DESCRIPTION = Translated("Stop answering in this server, for a while or until you use /config resume.")
    PAUSE_TIME_DESCRIPTION = Translated("For how long. Default: until someone uses /config resume.")
    PAUSE_TIMES = Translated(
        {
            "30": "30 minutes",
            "60": "1 hour",
            "480": "8 hours",
            "1440": "1 day",
            "10080": "1 week",
            "0": "until I use /config resume",
        }
    )
    RESUME_NAME: Final = "resume"
    RESUME_DESCRIPTION = Translated("Answer in this server again after a pause.")
    PAUSED_NOW = Translated(
        "I've stopped answering in this server. `/config resume` ends the pause. Whoever asks me is told that I'm "
        "paused."
    )
    PAUSED_NOW_UNTIL = Translated(
        "I've stopped answering in this server. I start again {when}, or as soon as someone uses `/config resume`. "
        "Whoever asks me is told so."
    )
    GOING_ON = Translated("I'm answering questions in this server again.")
    NOT_PAUSED = Translated("I wasn't paused. I'm answering questions in this server.")
    PAUSED = Translated("I'm paused in this server. Someone who manages it can resume me with `/config resume`.")
    PAUSED_UNTIL = Translated("I'm paused in this server. Ask me again {when}.")
    STATE_PAUSED = Translated("**Paused:** I don't answer anything until someone uses `/config resume`.")
    STATE_PAUSED_UNTIL = Translated("**Paused:** I start answering again {when}, or with `/config resume`.")

    # Resetting
    RESET_NAME: Final = "reset"
    RESET_DESCRIPTION = Translated("Put all settings of this server back to how they were at first. Asks before.")
    RESET_QUESTION = Translated(
        "**Put all settings back to how they were at first?**\n"
        "**Lost:** language, look, limits, roles, the channels for helpers and for the weekly digest, what is stored "
        "of questions, what I do about thanks, missed questions and solved posts, and what is set for channels "
        "({count}).\n"
        "**Kept:** articles, pinned passages, followed channels, statistics and votes. If I'm paused, I stay paused."
    )
    RESET_BUTTON = Translated("Reset the settings")
    RESET_DONE = Translated("All settings are as they were at first. `/config setup` leads through them.")

    # What is set for channels
    CHANNELS_HEADING = Translated("**What I answer in single channels** ({count})")
    CHANNELS_NONE = Translated(
        "**No channel has settings of its own.** In all of them I answer `/ask` and messages that mention me. Give "
        "`/config channel` a channel to change that."
    )
    CHANNELS_FOOTER = Translated("-# Channels that aren't listed are as the server has it: {default}.")
    CHANNELS_MORE = Translated("… and {count} more. Give `/config channel` a channel to see what is set for it.")
    CHANNELS_WHICH = Translated("For which channel? Give `/config channel` the option `channel` too.")
    AS_SERVER = Translated("as the server has it")
