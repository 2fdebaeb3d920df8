"""The environment variables of the commands.

It imports only the standard library, because the set-up uses it before anything is installed.
"""

import os
from collections.abc import Mapping

_NO_PROXY = ("no_proxy", "NO_PROXY")  # curl and requests prefer the first, others the second


def without_variables(environment: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """Return an environment without the variables that start with one of the prefixes."""
    return {name: environment[name] for name in environment if not name.startswith(prefixes)}


def without_aws_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without AWS variables, in which the SDK reads no AWS files."""
    return {
        **without_variables(environment, "AWS_"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def ignore_aws_settings() -> None:
    """Let this process and its children ignore the user's AWS settings."""
    environment = without_aws_settings(os.environ)
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    os.environ.update(environment)


def bypass_proxies_for_loopback() -> None:
    """Let this process and its children use no proxy for this machine."""
    values = [os.environ[name] for name in _NO_PROXY if os.environ.get(name)]
    if "*" in values:  # every host; it has no effect within a list
        hosts = "*"
    else:
        names = [host.strip() for value in values for host in value.split(",")]
        hosts = ",".join(dict.fromkeys(filter(None, [*names, "127.0.0.1", "localhost"])))
    os.environ.update(dict.fromkeys(_NO_PROXY, hosts))
