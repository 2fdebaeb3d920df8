"""The project's folder, Chalice's files in it, and the environment variables of the commands."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import CommandError

PROJECT = Path(__file__).resolve().parent.parent
CHALICE_CONFIG = PROJECT / ".chalice" / "config.json"
# The environment variables that the service needs besides STAGE.
SERVICE_VARIABLES = ("ORDERS_TABLE", "SHOPS_TABLE", "USER_POOL_ARN", "CLIENT_ID")


def chalice_command(*arguments: str) -> list[str]:
    """Return the command line of Chalice for this project, with the current Python."""
    return [f"{Path(sys.executable).parent}/chalice", "--project-dir", str(PROJECT), *arguments]


def record_variables(stage: str, variables: Mapping[str, str | None]) -> None:
    """Record a stage's environment variables for plain `chalice deploy`; None removes one."""
    content = json.loads(CHALICE_CONFIG.read_text())
    merged = content["stages"][stage].get("environment_variables", {}) | variables
    present = {name: value for name, value in merged.items() if value is not None}
    content["stages"][stage]["environment_variables"] = present
    write_json(CHALICE_CONFIG, content)


def settings(stage: str) -> dict[str, Any]:
    """Return Chalice's settings of a stage, with those of all stages. Raises CommandError."""
    try:
        config: dict[str, Any] = json.loads(CHALICE_CONFIG.read_text())
    except ValueError as error:
        raise CommandError(f".chalice/config.json: {error}") from None
    if stage not in config["stages"]:
        raise CommandError(f".chalice/config.json has no stage {stage!r}")
    return {**config, **config["stages"][stage]}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically."""
    path.parent.mkdir(exist_ok=True)
    temporary_file = path.with_name(f"{path.name}.{os.getpid()}")
    temporary_file.write_text(json.dumps(content, indent=2) + "\n")
    temporary_file.replace(path)


def without_aws_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without AWS variables, in which the SDK reads no AWS files."""
    others = {name: environment[name] for name in environment if not name.startswith("AWS_")}
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**others, **files, "AWS_EC2_METADATA_DISABLED": "true"}


def ignore_aws_settings() -> None:
    """Let this process and its children ignore the user's AWS settings."""
    environment = without_aws_settings(os.environ)
    os.environ.clear()
    os.environ.update(environment)


def bypass_proxies_for_loopback() -> None:
    """Let this process and its children use no proxy for this machine."""
    hosts = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{hosts},127.0.0.1,localhost"
