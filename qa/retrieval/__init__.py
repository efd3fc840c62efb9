"""From a question, with its conversation, to candidate passages.

`search.search` is the way in: it corrects spelling (`spelling`) and searches each library (`retriever`).
"""
