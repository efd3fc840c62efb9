"""From readings to quotes: whole sentences, merged where they repeat each other, each with its place and link.

`quotes` is the way in: `propose`, `distinct`, `make_quote`. The other modules expand readings to sentences, compare
statements between articles, link to a place and find text again in a newer version of its article.
"""
