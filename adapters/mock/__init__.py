"""Mock platforms: one process that speaks the platforms' real wire protocols on loopback.

Written from the protocol documents and never sharing the clients' signing code.
"""
