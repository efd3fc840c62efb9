"""Sending: replies to interactions and messages, retries, order in a channel, and how the client runs components."""
