"""Question answering: retrieve passages, read them, quote them and calibrate a confidence. No Discord, no asyncio.

`answerer.Answerer` is the way in: question and libraries in, `outcome.Outcome` out. `ask` adds the check of every
quote against the stored text just before it is shown.
"""
