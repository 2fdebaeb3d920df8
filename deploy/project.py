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


def service_environment(
    orders_table: str, shops_table: str, user_pool_arn: str, client_id: str
) -> dict[str, str]:
    """Return the environment variables that the service needs besides STAGE."""
    return {
        "ORDERS_TABLE": orders_table,
        "SHOPS_TABLE": shops_table,
        "USER_POOL_ARN": user_pool_arn,
        "CLIENT_ID": client_id,
    }


def record(stage: str, variables: Mapping[str, str | None], config: Path = CHALICE_CONFIG) -> None:
    """Record environment variables of a stage for the next `chalice deploy`; None removes one."""
    content = json.loads(config.read_text())
    merged = content["stages"][stage]["environment_variables"] | variables
    content["stages"][stage]["environment_variables"] = {
        name: value for name, value in merged.items() if value is not None
    }
    write_json(config, content)


def forget(stage: str) -> None:
    """Remove what `prepare` recorded for a stage, and what Chalice noted."""
    record(stage, dict.fromkeys(service_environment("", "", "", "")))
    (CHALICE_DEPLOYED / f"{stage}.json").unlink(missing_ok=True)


def settings(stage: str) -> dict[str, Any]:
    """Return the settings of a stage, with those that all stages share."""
    config: dict[str, Any] = json.loads(CHALICE_CONFIG.read_text())
    return {**config, **config["stages"][stage]}


def noted_api_id(stage: str) -> str | None:
    """Return the id of the API that Chalice has noted for a stage; None without a note."""
    apis = (each for each in _noted_resources(stage) if each["name"] == "rest_api")
    return next((each["rest_api_id"] for each in apis), None)


def note_api(stage: str, api_id: str, url: str, custom_domain: list[dict[str, Any]]) -> None:
    """Write the note by which the next `chalice deploy` updates this API, and creates no other.

    `custom_domain` is what Chalice notes of the stage's own domain name.
    """
    renewed = {"rest_api", "api_gateway_custom_domain"}
    others = [each for each in _noted_resources(stage) if each["name"] not in renewed]
    api = {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api_id}
    noted = [*others, {**api, "rest_api_url": f"{url}/"}, *custom_domain]
    write_json(
        CHALICE_DEPLOYED / f"{stage}.json",
        {"resources": noted, "schema_version": "2.0", "backend": "api"},
    )


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON file in one step, so that no reader sees half of it."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)


def _noted_resources(stage: str) -> list[dict[str, Any]]:
    note = CHALICE_DEPLOYED / f"{stage}.json"
    resources: list[dict[str, Any]] = (
        json.loads(note.read_text())["resources"] if note.exists() else []
    )
    return resources
