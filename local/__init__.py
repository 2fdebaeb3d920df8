"""The service on this machine: the local cloud, `chalice local` with a token check, demo and run.

Nothing here ships to Lambda. It imports `chalicelib` and `deploy`, never the other way round.
"""
