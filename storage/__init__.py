"""What the bot remembers of its servers: answers given, what people thought of them, and settings."""
