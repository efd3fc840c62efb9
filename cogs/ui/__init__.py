"""Presentation: answer cards, message layouts, escaping and truncation, and base classes of components.

`answer_card.render` and `notice_card` return a card, `layout.message_body` turns it into a message. Buttons and selects
derive from the classes in `components`, forms from `modals.PersistentForm`. Text of articles and members passes through
`escape` or `truncate`.
"""
