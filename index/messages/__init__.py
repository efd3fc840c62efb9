"""The sentences of `index` that members can meet: each has a key and named values, so that it can be translated.

`sentence` defines `Message` and `Sentence`; the other modules list the messages by subject, in English. `i18n` has the
translations under the keys. Sentences that only an operator can meet are plain English strings where they are raised.
"""
