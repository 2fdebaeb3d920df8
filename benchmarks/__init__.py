"""What the service costs beside other ways to write it. `make bench` runs it.

Nothing here ships, and nothing else in this project imports it, except its tests.
"""
