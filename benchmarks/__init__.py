"""What the service costs, measured beside every other way to do it: `make bench`.

Never shipped, and never imported by the service or by anything else.
"""
