"""Presentation: answer cards, message layouts, escaping and truncation, and base classes of components."""
