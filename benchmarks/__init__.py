"""The cost of the service, compared with other ways to write it. `make bench` runs it.

Nothing here ships, and nothing else in this project imports it, except its tests.
"""
