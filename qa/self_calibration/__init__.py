"""Fits the confidence of the models in use on the headings and questions of a library's own articles.

A heading is asked as a question: the section below it answers, and an article without it does not know the answer.
"""
