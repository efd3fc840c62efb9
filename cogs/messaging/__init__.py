"""Sending: replies to interactions and messages, retries, per-channel order, and dispatch of components.

Features enter through `interaction_reply.deferred` and `InteractionReply` for interactions, and through
`message_reply.MessageReplies` for messages; both are a `replies.Reply`. The client is a `component_bot.ComponentBot`.
"""
