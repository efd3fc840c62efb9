"""The command line: its arguments, its commands and the chat.

bot.py reads the command line with `arguments.parse` and runs the command with `dispatch.run`.
"""
