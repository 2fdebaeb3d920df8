"""The service on this machine: the local cloud, `chalice local` with a token check, demo and run.

It is not part of the package for Lambda, and imports `deploy` only to create the stack.
"""
