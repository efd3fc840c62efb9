"""Every word that the bot says of its own accord. Quotations come from the articles, never from here.

This is the English catalogue; `i18n/translations` holds the others. `texts.NAME` is the text in the language in force.
"""

from __future__ import annotations

import sys
from typing import Final

from i18n.languages import Catalogue

sys.modules[__name__].__class__ = Catalogue

# The command
ASK_NAME: Final = "ask"
ASK_DESCRIPTION: Final = "Ask a question. The answer is quoted from the articles, word for word."
QUESTION_DESCRIPTION: Final = "What do you want to know? One question, up to {limit} characters."

PRIVATE_DESCRIPTION: Final = "Show the answer to me alone."
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
DIFFERENT: Final = "The articles do not agree here; mind their dates."
UNDERSTOOD: Final = "about: {about}"
ANSWER_FOOTER: Final = "Answer, quoted word for word · {confidence} confidence"
CHOSEN_FOOTER: Final = "Answer, quoted word for word"
CLOSEST_FOOTER: Final = "Nearest passages, quoted word for word · {confidence} confidence"
NOT_COVERED_FOOTER: Final = "Not covered"

# Confidence in words, best first: from this probability on, this word
CONFIDENCE: Final = ((0.9, "very high"), (0.75, "high"), (0.5, "fair"), (0.25, "low"), (0.0, "very low"))

# Around a quotation
PAGE: Final = "page {page}"
TIME: Final = "at {time}"
PLACE: Final = "paragraph {paragraph} of {paragraphs}"
CHOSEN: Final = "chosen by this server's moderators"
OPEN_SOURCE: Final = "open the article"
OPEN: Final = "open"
UNTITLED: Final = "Untitled"
ALSO_IN: Final = "also in {titles}"
CUT_BEFORE: Final = "(shortened) …"
CUT_AFTER: Final = "… (shortened)"

# Buttons under an answer
MORE_BUTTON: Final = "More quotes"
CONTEXT_BUTTON: Final = "In context"
SOURCES_BUTTON: Final = "Sources"
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
SOURCES_HEADING: Final = "**Sources.** Where each quotation stands, word for word."
SOURCES_FOOTER: Final = "Sources · page {page} of {pages}"
QUOTATION: Final = "Quotation {number}"
SOURCE_CHANGED: Final = "The source has changed since: this quotation no longer stands in its article."
SOURCES_CHANGED: Final = "The source has changed since: {count} quotations here no longer stand in their articles."
AGED_ONE: Final = (
    "**The source has changed since.** What was quoted here no longer stands in its article. Please ask again."
)
AGED_SOME: Final = (
    "**The source has changed since.** Of what was quoted here, {count} of {shown} no longer stand in their articles. "
    "Please ask again."
)
ANSWER_FORGOTTEN: Final = "I no longer remember this answer. Please ask the question again."
BUTTON_UNKNOWN: Final = "This button is of another version of me. Please ask the question again."
NOTHING_MORE: Final = "There is nothing more to show here."
HELPFUL_WHICH: Final = "Thank you, noted. Which quotation helped?"
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
REASON_QUOTATION: Final = "Which quotation? None means all of them"
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
QUESTION_GONE: Final = "The question is gone."
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
OPTION_REFUSED: Final = "I cannot use one of these choices. Please choose again from what Discord offers."
NOT_ALLOWED: Final = "You are not allowed to use this here."
NOT_HERE: Final = "I am not allowed to do this here. Someone who runs the server can give me the permission."
TOLD_PRIVATELY: Final = "-# Only the person who asked can see what came of this."
UNEXPECTED: Final = (
    "Something went wrong on my side, and nothing was answered. Please ask again; the log knows it as {id}."
)

# Help
HELP_NAME: Final = "help"
HELP_DESCRIPTION: Final = "How to ask, and what the answers mean."
FORGET_NAME: Final = "forget"
FORGET_DESCRIPTION: Final = "Delete what I remember of you: your questions, my answers' records, your votes."
FORGOTTEN: Final = "Done: I have forgotten {count} of your questions, and what you thought of answers."
HELP: Final = """**I answer questions with the articles' own words, letter for letter.**
**Ask** with `/ask`, by mentioning me, by replying to me, or in a direct message. With `/ask` you can choose one \
article, or have the answer shown to you alone.
**Green** is an answer. **Yellow** are the nearest passages, which may not answer. **Grey** means that the articles do \
not cover it.
**Below an answer**, *In context* shows what stands around a quotation, *Sources* every article that says it, \
*More quotes* what else was found, and \
*Helpful* or *Not helpful* tells those who look after the articles. Whoever asked can *Delete* the answer.
**In a message's menu**, under Apps, *Answer this* shows how I would answer it, and *Find the source* whether it \
stands in the articles. Moderators also find *Pin a quotation* there, which is then given first to all who ask the same.
Follow-up questions are understood in threads, in direct messages, and when you reply to an answer.
-# I remember questions and answers for {days} days, for these buttons and for counting; `/forget` deletes yours. No \
text leaves the machine that I run on, except to Discord."""
WELCOME: Final = """**Hello! I answer questions with the articles' own words.**
Ask with `/ask`, or mention me with a question. `/help` says more.
Whoever runs this server: `/article add` gives me articles, `/verbatim setup` leads through the settings and checks my \
permissions."""

# Running it
ADMIN_NAME: Final = "verbatim"
ADMIN_DESCRIPTION: Final = "For those who run this server."
SETTINGS_NAME: Final = "settings"
SETTINGS_DESCRIPTION: Final = "Show the settings of this server, or change those that are given."
SETTINGS_OPTIONS: Final = {
    "plain": "Show answers as embeds, for clients that cannot show the newer layout.",
    "language": "The language of what all can read. What one member alone sees is in that member's own.",
    "helpers_channel": "Where calls for a human are posted; this brings the button to ask one.",
    "helpers_role": "Who may post previewed answers, and is named (never pinged) when a human is called.",
    "member_limit": "Questions that a member may ask in a minute; 0 means no limit.",
    "channel_limit": "Questions that may be asked in a channel in a minute; 0 means no limit.",
    "server_limit": "Questions that may be asked in this server in a minute; 0 means no limit.",
    "reset": "Put all settings back to their defaults first.",
}
SETTINGS: Final = """**Settings of this server**
{state}
Layout: {layout}
Language: {language}
Helpers' channel: {channel}
Helpers' role: {role}
Questions a minute: {member} for a member, {each} in a channel, {server} in the server"""
STATE_PAUSED: Final = "Paused: nothing is answered until `/verbatim pause` is used again."
STATE_ANSWERING: Final = "Answering questions."
LAYOUT_PLAIN: Final = "plain (embeds)"
LAYOUT_RICH: Final = "layout components"
LANGUAGE_OF_EACH: Final = "that of each member, as set in Discord"
NOT_SET: Final = "not set"
NO_LIMIT: Final = "no limit"
SETUP_NAME: Final = "setup"
SETUP_DESCRIPTION: Final = "Set me up step by step, try a question, and check my permissions."
SETUP_PAGES: Final = (
    "**Set-up, 1 of 4: helpers.** With a channel set, members can ask a human about an answer. I never ping the role.",
    "**Set-up, 2 of 4: language, looks and limits.** The plain layout is for clients that cannot show the newer one.",
    "**Set-up, 3 of 4: where to answer.** Unless you choose channels here, I answer commands and mentions everywhere.",
    "**Set-up, 4 of 4: try it.** See how I answer a question of yours; nobody else sees it.",
)
SETUP_SAVED: Final = "-# Each choice holds at once and is kept, also if you stop here; `/verbatim setup` begins anew."
SETUP_CHANNEL: Final = "Helpers' channel"
SETUP_ROLE: Final = "Helpers' role"
SETUP_LANGUAGE: Final = "Language of what all can read"
SETUP_LAYOUT: Final = "Layout"
SETUP_LAYOUTS: Final = {"rich": "Layout components", "plain": "Plain (embeds)"}
SETUP_LIMITS: Final = "Questions a minute"
SETUP_LIMIT: Final = "{member} for a member, {each} in a channel, {server} in the server"
SETUP_QUESTIONS: Final = "Answer questions here without a mention"
SETUP_FLOOR: Final = "How sure I must be to speak unasked"
SETUP_THREADS: Final = "How I answer what was not put to me"
SETUP_OFF: Final = "Never answer messages here"
SETUP_NOT_YOURS: Final = "Somebody else began this set-up. `/verbatim setup` begins your own."
SETUP_TRY: Final = "Try a question"
SETUP_QUESTION: Final = "Your question"
CHANNEL_NAME: Final = "channel"
CHANNEL_DESCRIPTION: Final = "Set what I answer in a channel, or in all channels of a category."
CHANNEL_CHANNEL_DESCRIPTION: Final = "The channel, forum or category."
CHANNEL_MODE_DESCRIPTION: Final = "Which messages I answer there. Commands work everywhere."
CHANNEL_CONFIDENCE_DESCRIPTION: Final = "How sure I must be to speak there unasked."
CHANNEL_THREAD_DESCRIPTION: Final = "Answer there what was not put to me in a new thread, instead of by a reply."
FLOOR: Final = "{word} confidence or more"
FLOOR_NONE: Final = "as sure as for any answer"
IN_REPLIES: Final = "by a reply"
IN_THREADS: Final = "in a new thread"
CHANNEL_UNASKED: Final = "Where I answer unasked: {floor}, {way}"
CHANNEL_NEEDS_CONTENT: Final = (
    "I cannot hear messages that do not mention me. Whoever runs me has to switch on the Message Content intent on "
    "the Bot page of the application, and set MESSAGE_CONTENT=true."
)
MODES: Final = {
    "off": "nothing",
    "mentioned": "only what mentions me",
    "questions": "questions, where I have an answer; forum posts once",
    "everything": "every message; forum posts once",
}
PAUSE_NAME: Final = "pause"
PAUSE_DESCRIPTION: Final = "Stop answering in this server, or go on."
PAUSED_NOW: Final = "I answer nothing in this server now. `/verbatim pause` again lets me go on."
GOING_ON: Final = "I answer questions in this server again."
CHECK_NAME: Final = "check"
CHECK_DESCRIPTION: Final = "Check that I may do what I need to, channel by channel."
CHECK_HEADING: Final = "**This is missing:**"
CHECK_FINE: Final = "**All is well.** I have every permission that I need, in every channel."
CHECK_FINDING: Final = "{channels}: {finding}"
CHECK_VIEW: Final = "**View Channel** is missing. Mentions and replies there are not answered; `/ask` works."
CHECK_SEND: Final = "**Send Messages** is missing. Mentions and replies there are not answered; `/ask` works."
CHECK_THREADS: Final = "**Send Messages in Threads** is missing. Mentions in threads and posts there are not answered."
CHECK_NEW_THREADS: Final = (
    "**Create Public Threads** is missing. Questions there are answered by a reply, not in threads of their own."
)
CHECK_HISTORY: Final = "**Read Message History** is missing. Answers to messages there cannot be tied to the question."
CHECK_EMBEDS: Final = "**Embed Links** is missing. Answers to messages there stay empty in the plain layout."
CHECK_HELPERS: Final = (
    "{channel}: I cannot write to the helpers there. *Ask a human* fails until I may view it and send."
)
CHECK_HELPERS_GONE: Final = (
    "The helpers' channel is gone. *Ask a human* fails until `/verbatim settings` names another."
)
AND_MORE: Final = "{named} and {count} more"
DAYS_DESCRIPTION: Final = "How many days to look back, up to 90; otherwise 30."
STATS_NAME: Final = "stats"
STATS_DESCRIPTION: Final = "How many questions were asked here, and what came of them."
STATS_NOTHING: Final = "Nothing was asked in the last {days} days."
STATS_HEADING: Final = "**{count} questions in the last {days} days**"
STATS_OUTCOMES: Final = "Answered: {answered:.0%} · nearest passages: {closest:.0%} · not covered: {not_covered:.0%}"
STATS_HELPFUL: Final = "Helpful: {share:.0%} of {votes} votes"
STATS_NO_VOTES: Final = "Nobody has said yet whether an answer helped."
STATS_SLOWEST: Final = "that one"
STATS_PICTURE: Final = "Questions a day from {first} to {last}, as bars."
STATS_PICTURE_MOST: Final = "Most were asked on {date}: {count}."
STATS_KEY: Final = "{outcome} {count:,}"
STATS_TIMES: Final = "Time to answer: {median:.2f} s in the middle, {slowest:.2f} s at most"
STATS_QUOTED: Final = "**Most quoted**"
ARTICLE_GONE: Final = "an article that is gone"
GAPS_NAME: Final = "gaps"
GAPS_DESCRIPTION: Final = "What members asked and the articles did not answer, without names."
GAPS_MEMBERS_DESCRIPTION: Final = "Show only what at least this many different members asked; otherwise 2."
GAPS_NOTHING: Final = "In the last {days} days, no {members} members asked the same thing without getting an answer."
GAPS_HEADING: Final = "**Asked by at least {members} members in the last {days} days, and not answered**"
GAP: Final = "{members} members, {times} times: {question}"
WHY_NAME: Final = "why"
WHY_DESCRIPTION: Final = "Show what an answer was weighed from."
WHY_MESSAGE_DESCRIPTION: Final = "The link of my answer; otherwise the newest one in this channel."
WHY_NO_ANSWER: Final = "I remember no answer there. Give the link of one of my answers in this server."
WHY_QUESTION: Final = "**{question}**"
WHY_OUTCOME: Final = "Outcome: {outcome}, probability {confidence:.3f}"
WHY_THRESHOLDS: Final = "An answer needs {answer:g}, the nearest passages need {closest:g}."
WHY_TIME: Final = "Found in {seconds:.2f} s. The quotations that were weighed, each with its probability:"
WHY_CHOSEN: Final = "chosen by the moderators"
WHY_SHOWN: Final = " (shown)"
OUTCOMES: Final = {"answer": "answer", "closest": "nearest passages", "not_covered": "not covered"}

# Pins
PIN_MENU: Final = "Pin a quotation"
PIN_NAME: Final = "pin"
PIN_DESCRIPTION: Final = (
    "Tie words of an article to a question: whoever asks it gets them first. A preview comes first."
)
PIN_QUESTION_DESCRIPTION: Final = "The question, in words that stand alone."
PIN_ARTICLE_DESCRIPTION: Final = "The article. Type a part of its title."
PIN_WORDS_DESCRIPTION: Final = "Words of the article, letter for letter. The whole sentence is quoted."
PINS_NAME: Final = "pins"
PINS_DESCRIPTION: Final = "List what is pinned to questions here, and unpin it."
PIN_PREVIEW: Final = "**Preview.** Once you press *Pin*, this is what members see first when they ask:"
PIN_WORDING_LINE: Final = "- {question}"
PIN_FOLLOWS: Final = "-# This question went on from an earlier one. Change its wording so that it stands alone."
PIN_REPLACES: Final = "-# It takes the place of what is pinned to the same question now."
PIN_QUOTE: Final = "Another quotation"
PIN_WORDING_BUTTON: Final = "Change the wording"
PIN_BUTTON: Final = "Pin"
PIN_CANCEL_BUTTON: Final = "Cancel"
PIN_FORM_TITLE: Final = "Which question?"
PIN_FORM_LABEL: Final = "The question; other wordings below it"
PIN_DONE: Final = "Pinned. `/verbatim pins` lists all pins, and unpins them."
PIN_CANCELLED: Final = "Cancelled, nothing was pinned."
PIN_NO_QUOTE: Final = "There is no quotation of mine in this message that could be pinned."
PIN_NO_QUESTION: Final = "Write a question with words by which it can be told from others."
PIN_MANY_WORDINGS: Final = "One pin can have {limit} wordings at most."
PIN_WORDS_MISSING: Final = (
    "These words do not stand in {article}, letter for letter. `/article show` shows how it says it."
)
PIN_WORDS_SEVERAL: Final = "These words stand in {count} sentences of {article}. Give more of the one you mean."
PIN_WORDS_LONG: Final = "That would quote more than {limit:,} characters. Give fewer words."
PIN_FORGOTTEN: Final = "I no longer remember this preview. Please begin again."
PINS_FULL: Final = "This server has {limit:,} pins, and may have no more. Unpin one with `/verbatim pins`."
PINS_NOTHING: Final = (
    "Nothing is pinned here. *Pin a quotation*, in the menu of one of my answers under Apps, and `/verbatim pin` do it."
)
PINS_HEADING: Final = "**Pinned to questions**"
PINS_FOOTER: Final = "Page {page} of {pages} · pins: {count:,}"
PINS_UNPIN: Final = "Unpin …"
PINS_UNPINNED: Final = "**Unpinned:** {question}"
PINS_RESTS: Final = "rests, for its article does not say this any more"

# Articles
ARTICLE_NAME: Final = "article"
ARTICLE_GROUP_DESCRIPTION: Final = "The articles of this server, for those who run it."
ARTICLE_ADD_NAME: Final = "add"
ARTICLE_ADD_DESCRIPTION: Final = "Add an article: a web page, a file, or a text that you paste. A preview comes first."
ARTICLE_ADDRESS_DESCRIPTION: Final = "The address of a web page, sitemap or feed, beginning with https://."
ARTICLE_FILE_DESCRIPTION: Final = (
    "A text, web page, PDF, Office file, e-book, subtitles, table of questions, or an archive of these."
)
SAVE_AS_ARTICLE: Final = "Save as article"
ARTICLE_FORM_TITLE: Final = "Add an article"
ARTICLE_FORM_HEADING: Final = "Title"
ARTICLE_FORM_TEXT: Final = "Text"
ARTICLE_PASTED: Final = "pasted text"
ARTICLE_ADD_BUTTON: Final = "Add"
ARTICLE_CANCEL_BUTTON: Final = "Cancel"
ARTICLE_PREVIEW: Final = "**Preview.** This is stored, and quoted from, once you press *Add*."
ARTICLE_LENGTH: Final = "{count:,} characters"
ARTICLE_CLUTTER: Final = "left out as clutter: {count:,} lines or blocks"
ARTICLE_BEGINNING: Final = "The beginning, word for word"
ARTICLE_ADDING: Final = "Adding the article …"
ARTICLE_CANCELLED: Final = "Cancelled, nothing was changed."
ARTICLE_STATUS: Final = {
    "added": "Added: {article}",
    "replaced": "Replaced by the new version: {article}",
    "unchanged": "Unchanged: {article}",
    "same_text": "The same text is there already, and now has both sources: {article}",
    "renamed": "Renamed: {article}",
    "restored": "Brought back: {article}",
}
ARTICLE_RENAME_NAME: Final = "rename"
ARTICLE_RENAME_DESCRIPTION: Final = "Give an article of this server another title, which stays when it is refreshed."
ARTICLE_TITLE_DESCRIPTION: Final = "The new title."
ARTICLE_RENAMED: Final = "Renamed: {before} is called {after} now."
ARTICLE_HISTORY_NAME: Final = "history"
ARTICLE_HISTORY_DESCRIPTION: Final = "Tell what has happened to an article, or to all, and bring back what was before."
ARTICLE_HISTORY_CHOICE: Final = "The article; otherwise all of this server, with those that were removed."
ARTICLE_HISTORY_HEADING: Final = (
    "**What has happened**, newest first, in UTC. *Bring back* restores what was before that line."
)
ARTICLE_HISTORY_NOTHING: Final = "Nothing has happened here yet."
ARTICLE_EVENTS: Final = {
    "added": "added",
    "joined": "another source with the same text",
    "replaced": "replaced by a new version",
    "renamed": "renamed",
    "removed": "removed",
    "restored": "brought back",
    "erased": "removed for good",
}
ARTICLE_BY: Final = {"refresh": "by a refresh", "terminal": "in the terminal", "discord": "with its message"}
ARTICLE_CHANGED: Final = "characters changed: {count:,}"
ARTICLE_WAS: Final = "before: {title}"
ARTICLE_RESTORE_BUTTON: Final = "Bring back {number}"
ARTICLE_EXPORT_NAME: Final = "export"
ARTICLE_EXPORT_DESCRIPTION: Final = "Send all articles of this server as one file, which /article import reads."
ARTICLE_EXPORTED: Final = "All articles of this server ({count:,}); `/article import` brings them to any server."
ARTICLE_EXPORT_TOO_LARGE: Final = (
    "The articles are more than the {limit:g} MB that may be sent here. Let whoever runs me use `python bot.py export`."
)
ARTICLE_IMPORT_NAME: Final = "import"
ARTICLE_IMPORT_DESCRIPTION: Final = "Add all articles of a file that /article export has made. A preview comes first."
ARTICLE_IMPORT_FILE_DESCRIPTION: Final = "The file that was exported."
ARTICLE_IMPORT_PREVIEW: Final = (
    "**Preview.** Articles that are stored once you press *Add*: {count:,}, with {characters:,} characters. What is "
    "there already stays as it is. For instance:"
)
ARTICLE_IMPORT_EMPTY: Final = "There are no articles in this file."
ARTICLE_IMPORT_DAMAGED: Final = "{name} is damaged, so nothing was imported; export it once more."
ARTICLE_IMPORTING: Final = "Importing: {done:,} of {count:,} …"
ARTICLE_IMPORTED: Final = "Imported: {what}."
ARTICLE_IMPORT_COUNT: Final = "{what}: {count:,}"
ARTICLE_IMPORT_NONE: Final = "nothing"
ARTICLE_IMPORT_STATUS: Final = {
    "added": "added",
    "replaced": "replaced",
    "unchanged": "unchanged",
    "same_text": "known by another source",
}
PREVIEW_FORGOTTEN: Final = "I no longer remember this preview. Please add the article again."
PREVIEW_NOT_YOURS: Final = "Only the person who asked for this can press here."
ARTICLE_ONE_SOURCE: Final = "Give an address or a file, not both; add the other one by itself."
ARTICLE_FAILED: Final = "{source}: {reason}"
ARTICLE_WHOLE_SITE: Final = "This is a sitemap or feed; add it with `/article add`, and its pages are added."
ARTICLE_PAGES_DESCRIPTION: Final = "At most this many pages of the site; its links are followed below that address."
ARTICLE_PAGES_OF_WHAT: Final = "Give the address too whose pages are meant."
SITE_EMPTY: Final = "It names no pages; check the address, or add the pages one by one."
SITE_LISTED: Final = "**Preview.** {site} names {count:,} pages that are read and stored once you press *Add*, such as:"
SITE_LINKED: Final = (
    "**Preview.** Once you press *Add*, {site} and the pages below it that it leads to are read and stored, "
    "{most:,} at most, such as:"
)
SITE_MORE: Final = "It leads to {count:,} pages now; {most:,} of them are read. `pages` takes more or fewer."
SITE_ROOM: Final = "This server has {count:,} of {limit:,} articles."
LOAD_ADDING: Final = "**Adding** {site}"
LOAD_DONE: Final = "**All pages are read.** {site}"
LOAD_ENDED: Final = "**Ended early.** {site}\n{reason}"
LOAD_COUNTS: Final = "Read: {done:,} of {total:,} pages · stored: {stored:,} · could not be read: {failed:,}"
LOAD_MORE: Final = "The site has more pages than {most:,}; add it again with a larger `pages` for the rest."
LOAD_FOOTER: Final = (
    "Kept up to date for 15 minutes; after that *Show progress* brings the newest, and a direct message tells the end."
)
LOAD_CANCELLED: Final = "Stopped as you wanted. What is stored stays; the next look at the site takes no more pages."
LOAD_FAILING: Final = "The last {count} pages could not be read. Look at the site, then add it again for the rest."
LOAD_BEGUN_ALREADY: Final = (
    "Another site is being added here. Wait until it is done, or stop it under `/article progress`."
)
LOAD_FORGOTTEN: Final = "I no longer remember what was added here. `/article list` shows what there is."
LOAD_NONE: Final = "No whole site was added here lately. `/article add` adds one."
LOAD_CALL: Final = "{member}, what you asked me to add is done; `/article progress` says how it went."
LOAD_SHOW_BUTTON: Final = "Show progress"
LOAD_STOP_BUTTON: Final = "Stop"
LOAD_PROGRESS_NAME: Final = "progress"
LOAD_PROGRESS_DESCRIPTION: Final = "Show how far the site is that is being added, with a button to stop it."
SCHEDULE_NAME: Final = "schedule"
SCHEDULE_DESCRIPTION: Final = "Say when the source of an article is looked at again, or change how often."
SCHEDULE_EVERY_DESCRIPTION: Final = "How often; of a page that came with a site, this holds for the whole site."
SCHEDULES: Final = {
    "usual": "as usual",
    "1": "every hour",
    "6": "every six hours",
    "24": "every day",
    "168": "every week",
    "720": "every 30 days",
    "0": "never by itself",
}
SCHEDULE_SITE: Final = "the whole site, articles: {count:,}"
SCHEDULE_WHEN: Final = "looked at again every {hours:g} h, next {next}"
SCHEDULE_NEVER: Final = "never looked at again by itself; `/article refresh` does it"
FAILED_MARK: Final = "last look failed"
FAILED_SHOWN: Final = "**The last look on {day} failed.** {reason}"
FAILED_MORE: Final = "Could not be read at the last look: {count:,}, such as {source}: {reason}"
THREAD_NAME: Final = "thread"
THREAD_DESCRIPTION: Final = "Add a thread or forum post as one article. A preview comes first."
THREAD_CHOICE_DESCRIPTION: Final = "The thread or post; otherwise the one in which you are."
THREAD_WANTED: Final = "Use this in a thread or forum post, or name one."
THREAD_FORBIDDEN: Final = (
    "{thread}: I may not read what was written there. Give me View Channel and Read Message History."
)
THREAD_NEEDS_CONTENT: Final = (
    "I cannot read what members write. Whoever runs me has to switch on the Message Content intent on the Bot page of "
    "the application, and set MESSAGE_CONTENT=true. A single message can be saved from its menu all the same."
)
THREAD_MISSING: Final = "Left out: {what}."
THREAD_MACHINES: Final = "{count:,} messages of bots"
THREAD_EMPTY: Final = "{count:,} without text"
THREAD_MORE: Final = "all after the first {most:,}"
WATCH_NAME: Final = "channel"
WATCH_DESCRIPTION: Final = "Let the messages of a channel become articles, or stop that again."
WATCH_CHANNEL_DESCRIPTION: Final = "The channel, for instance one with announcements."
WATCH_ROLE_DESCRIPTION: Final = "Whose messages; otherwise those of members who may manage messages there."
WATCH_NEEDS_CONTENT: Final = (
    "I cannot hear what is written in a channel. Whoever runs me has to switch on the Message Content intent on the "
    "Bot page of the application, and set MESSAGE_CONTENT=true."
)
WATCH_FORBIDDEN: Final = "{channel}: I may not read it. Give me View Channel and Read Message History there."
WATCH_UNREADABLE: Final = "I may not read the channel any more. Give me View Channel and Read Message History there."
WATCH_OFFER: Final = (
    "**Preview.** Once you press *Add*, every message in {channel} by {writers} is an article, and changes and goes "
    "with its message. The newest {most:,} messages are read in first; of the last {looked}, {count} would be articles:"
)
WATCH_MANAGERS: Final = "members who may manage messages there"
WATCH_READING: Final = "Reading the channel …"
WATCH_STATE: Final = "{channel} is a source: every message by {writers} is an article. Stored from it: {count:,}"
WATCH_TROUBLE: Final = "The last message could not be stored: {reason}"
WATCH_KEEP_BUTTON: Final = "Stop, keep articles"
WATCH_REMOVE_BUTTON: Final = "Stop and remove all"
WATCH_KEPT: Final = (
    "{channel} is no source any more. The {count:,} articles from it stay; `/article remove` removes one."
)
WATCH_REMOVED: Final = "{channel} is no source any more. Removed with it: {count:,} articles"
WATCH_FORGOTTEN: Final = "I no longer know of this channel. Please use `/article channel` again."
CHARACTERS_FULL: Final = (
    "This server's articles have {count:,} characters, and may have no more than {limit:,}. Remove some with "
    "`/article remove`, or let whoever runs me raise SERVER_CHARACTERS."
)
LOADS_FULL: Final = (
    "This server has had {limit:,} pages and files read today, which is all it may. Go on tomorrow (UTC), or let "
    "whoever runs me raise SERVER_LOADS."
)
ARTICLE_FILE_TOO_LARGE: Final = "The file is larger than {limit} MB; split it into several articles."
ARTICLE_TOO_LONG: Final = "The text is longer than {limit:,} characters; split it into several articles."
ARTICLE_FILE_LOST: Final = "Discord does not give the file out; send it again."
ARTICLE_LIST_NAME: Final = "list"
ARTICLE_LIST_DESCRIPTION: Final = "List the articles of this server, and those that all servers share."
ARTICLE_SEARCH_DESCRIPTION: Final = "A part of the title."
ARTICLE_LIST_HEADING: Final = "**Articles**"
ARTICLE_SHARED_MARK: Final = "shared"
ARTICLE_LIST_FOOTER: Final = "Page {page} of {pages} · articles: {count:,}"
ARTICLE_LIST_EMPTY: Final = "There are no articles yet. `/article add` adds one."
ARTICLE_LIST_NOTHING: Final = "No article has a title like that."
ARTICLE_LIST_FORGOTTEN: Final = "I no longer remember what was searched for. Please use `/article list` again."
ARTICLE_SHOW_NAME: Final = "show"
ARTICLE_SHOW_DESCRIPTION: Final = "Show what is known of an article, and its beginning."
ARTICLE_CHOICE_DESCRIPTION: Final = "The article. Type a part of its title."
ARTICLE_REMOVE_NAME: Final = "remove"
ARTICLE_REMOVE_DESCRIPTION: Final = "Remove an article of this server, after asking once more."
ARTICLE_REMOVE_BUTTON: Final = "Remove"
ARTICLE_REMOVE_QUESTION: Final = "**Remove this article?** Nothing is quoted from it any more then."
ARTICLE_REMOVED: Final = "Removed: {article}"
ARTICLE_REMOVED_BEFORE: Final = "This article is gone already, or has changed. `/article list` shows what is there."
ARTICLE_NOT_OWN: Final = (
    "{article} is shared by all servers, so it cannot be changed from here. Whoever runs me can do that with "
    "`python bot.py`."
)
ARTICLE_REFRESH_NAME: Final = "refresh"
ARTICLE_REFRESH_DESCRIPTION: Final = "Read an article of this server from its address again."
ARTICLE_NO_ADDRESS: Final = (
    "{article} did not come from a web address. Add it again under the same name, and it replaces what is there."
)
ARTICLES_FULL: Final = (
    "This server has {count:,} articles, and may have no more than {limit:,}. Remove one with `/article remove`, "
    "or let whoever runs me raise SERVER_ARTICLES."
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
