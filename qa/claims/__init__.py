"""Where a statement is made: the sentences of the articles nearest to it.

`claim_search.nearest_sentences` is the way in.
"""
