"""The user's environment, as the commands of this project see it.

Standard library only: the set-up uses it before anything is installed.
"""

import os
from collections.abc import Mapping

_NO_PROXY = ("no_proxy", "NO_PROXY")  # curl and requests prefer the first, others the second


def without(environment: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """Return an environment without the variables that begin with one of these prefixes."""
    return {name: environment[name] for name in environment if not name.startswith(prefixes)}


def without_aws_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which AWS's SDK finds no settings: no variables, no files.

    For code that does not use AWS, where a profile or a broken file could only cause errors.
    """
    return {
        **without(environment, "AWS_"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def ignore_aws_settings() -> None:
    """Make this process, and what it starts, ignore the user's AWS settings."""
    kept = without_aws_settings(os.environ)
    for name in set(os.environ) - set(kept):
        del os.environ[name]
    os.environ.update(kept)


def bypass_proxies_for_loopback() -> None:
    """Use no proxy for this machine, in this process and what it starts."""
    named = [os.environ[name] for name in _NO_PROXY if os.environ.get(name)]
    if "*" in named:  # alone it means every host, in a list it means nothing
        direct = "*"
    else:
        hosts = [host.strip() for each in named for host in each.split(",")]
        direct = ",".join(dict.fromkeys(filter(None, [*hosts, "127.0.0.1", "localhost"])))
    os.environ.update(dict.fromkeys(_NO_PROXY, direct))
