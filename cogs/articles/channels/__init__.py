"""Channels as sources: each message of an allowed author is an article, edited and deleted with the message.

The entry points are `views.offer_channel` and `channel_listener.ChannelListener`.
"""
