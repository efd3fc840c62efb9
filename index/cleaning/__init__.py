"""Removal of boilerplate: the navigation, share bars, comment forms and notices around the article of a web page.

Other packages enter through `boilerplate.clean`, which deletes whole lines by the table in `rules`.
"""
