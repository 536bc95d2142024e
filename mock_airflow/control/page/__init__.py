"""The console at ``/__mock__/``: pages of one deployment for people, written on the server, live where script runs.

A page is a module with a ``ConsolePage`` and a template of its name; ``pages.py`` lists them, and the navigation
follows from that list. All of it is imported with the first visit.
"""
