"""The project's folder, and the files in it that Chalice reads and writes.

The outputs of a stage's stack are recorded in `.chalice/config.json`, as environment variables
of the Lambda function.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
CHALICE_CONFIG = PROJECT / ".chalice" / "config.json"
CHALICE_DEPLOYED = PROJECT / ".chalice" / "deployed"


def chalice_command(*arguments: str) -> list[str]:
    """Return the command line that runs Chalice on this project, with the current Python."""
    chalice = str(Path(sys.executable).with_name("chalice"))
    return [chalice, "--project-dir", str(PROJECT), *arguments]


def service_environment(orders_table: str, user_pool_arn: str, client_id: str) -> dict[str, str]:
    """Return the environment variables that the service needs besides STAGE."""
    return {"ORDERS_TABLE": orders_table, "USER_POOL_ARN": user_pool_arn, "CLIENT_ID": client_id}


def record(stage: str, variables: Mapping[str, str], config: Path = CHALICE_CONFIG) -> None:
    """Record environment variables of a stage for the next `chalice deploy`."""
    _set_variables(stage, variables, config)


def forget(stage: str, config: Path = CHALICE_CONFIG) -> None:
    """Remove what `record` wrote."""
    _set_variables(stage, dict.fromkeys(service_environment("", "", "")), config)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON file in one step, so that no reader sees half of it."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)


def _set_variables(stage: str, variables: Mapping[str, str | None], config: Path) -> None:
    settings = json.loads(config.read_text())
    merged = settings["stages"][stage]["environment_variables"] | variables
    settings["stages"][stage]["environment_variables"] = {
        name: value for name, value in merged.items() if value is not None
    }
    write_json(config, settings)
