"""`python -m coffee_client` is the `coffee` command."""

from coffee_client.cli import main

main()
