"""The one store: connection, key names, schema, and the embedded server with its guardian.

Nothing is imported here: the guardian process starts in milliseconds because of it.
"""
