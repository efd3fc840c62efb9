"""Keeps articles up to date with their sources: what has changed, what to do about it, and when to check again.

`refresh.Refresh` is the way in for a whole run; a caller that works step by step uses `change_detection.detect_changes`
and `refresh.apply_changes`. `schedule` computes when each source is due.
"""
