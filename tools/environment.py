"""The environment variables of the commands."""

import os
from collections.abc import Mapping


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
    os.environ.clear()
    os.environ.update(environment)


def bypass_proxies_for_loopback() -> None:
    """Let this process and its children use no proxy for this machine."""
    hosts = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if hosts != "*":
        hosts = ",".join(filter(None, [hosts, "127.0.0.1", "localhost"]))
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = hosts
