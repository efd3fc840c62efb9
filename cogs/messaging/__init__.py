"""Sending: replies to interactions and messages, retries, per-channel order, and dispatch of components."""
