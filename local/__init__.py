"""The service on this machine: the local cloud, `chalice local` with a token check, demo and run.

It is not part of the package for Lambda. It imports `chalicelib`, `deploy` and
`coffee_client`; none of them imports it.
"""
