"""Pinned answers: passages that moderators tied to questions.

`pinned.find_pinned` is the way in; `question_equivalence` decides whether two questions ask the same.
"""
