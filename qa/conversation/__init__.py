"""Follow-up questions: what "it", "she" or "the other one" refers to in the turns before.

`follow_ups.understand` is the way in; `entities` keeps track of what was mentioned, `noun_phrases` finds the mentions,
`pronouns` what points back to them.
"""
