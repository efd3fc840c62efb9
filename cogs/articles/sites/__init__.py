"""Whole sites inside Discord: shown first, imported page by page in the background, on after a restart.

The door is `views.SitesCog`.
"""
