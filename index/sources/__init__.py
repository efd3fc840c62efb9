"""Where articles come from: files, folders, archives, standard input, chats and web sites, loaded as drafts.

Other packages enter through `loader.drafts` for paths, `crawler.load_pages` for web addresses and
`chat_log.draft_from_chat` for messages.
"""
