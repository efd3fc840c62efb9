"""Channels whose messages become articles, change and go with them.

The doors are `views.offer_channel` and `channel_listener.ChannelListener`.
"""
