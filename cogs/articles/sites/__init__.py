"""Import of whole sites: previewed, then run page by page in the background, and resumed after a restart.

The entry point is `views.SitesCog`.
"""
