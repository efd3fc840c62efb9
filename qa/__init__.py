"""From question to outcome: retrieve, read, quote, calibrate. Knows nothing of Discord or asyncio."""
