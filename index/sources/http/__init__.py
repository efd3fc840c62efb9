"""HTTP: polite, bounded requests to addresses that may be fetched, with conditional requests and robots.txt.

Other packages enter through `client.Fetcher`.
"""
