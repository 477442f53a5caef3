"""Text in, meaning out: what a mail is about, what it asks, which mails belong together.

Imports nothing of ours and does no I/O beyond loading the language data that is installed.
"""
