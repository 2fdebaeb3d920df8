"""The project's folder, and Chalice's files in it.

The outputs of a stage's stack are recorded in `.chalice/config.json`, as environment variables of
the Lambda function.
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
# The environment variables that the service needs besides STAGE.
SERVICE_VARIABLES = ("ORDERS_TABLE", "SHOPS_TABLE", "USER_POOL_ARN", "CLIENT_ID")


def chalice_command(*arguments: str) -> list[str]:
    """Return the command line of Chalice for this project, with the current Python."""
    chalice = str(Path(sys.executable).with_name("chalice"))
    return [chalice, "--project-dir", str(PROJECT), *arguments]


def service_environment(
    orders_table: str, shops_table: str, user_pool_arn: str, client_id: str
) -> dict[str, str]:
    """Return the environment variables that the service needs besides STAGE."""
    values = (orders_table, shops_table, user_pool_arn, client_id)
    return dict(zip(SERVICE_VARIABLES, values, strict=True))


def record_variables(stage: str, variables: Mapping[str, str | None]) -> None:
    """Record environment variables of a stage for the next `chalice deploy`; None removes one."""
    content = json.loads(CHALICE_CONFIG.read_text())
    merged = content["stages"][stage]["environment_variables"] | variables
    content["stages"][stage]["environment_variables"] = {
        name: value for name, value in merged.items() if value is not None
    }
    write_json(CHALICE_CONFIG, content)


def clear_stage(stage: str) -> None:
    """Remove the recorded variables and resources of a stage."""
    record_variables(stage, dict.fromkeys(SERVICE_VARIABLES))
    (CHALICE_DEPLOYED / f"{stage}.json").unlink(missing_ok=True)


def settings(stage: str) -> dict[str, Any]:
    """Return the settings of a stage, including those of all stages."""
    config: dict[str, Any] = json.loads(CHALICE_CONFIG.read_text())
    return {**config, **config["stages"][stage]}


def recorded_resources(stage: str) -> list[dict[str, Any]]:
    """Return the resources in Chalice's record of a stage."""
    file = CHALICE_DEPLOYED / f"{stage}.json"
    resources: list[dict[str, Any]] = (
        json.loads(file.read_text())["resources"] if file.exists() else []
    )
    return resources


def recorded_api_id(stage: str) -> str | None:
    """Return the id of a stage's API in Chalice's record, or None."""
    resources = {resource["name"]: resource for resource in recorded_resources(stage)}
    return resources["rest_api"]["rest_api_id"] if "rest_api" in resources else None


def record_api(stage: str, api_id: str, url: str, custom_domain: list[dict[str, Any]]) -> None:
    """Record an API, so that the next `chalice deploy` updates it instead of creating another.

    `custom_domain` is Chalice's record of the custom domain.
    """
    replaced = {"rest_api", "api_gateway_custom_domain"}
    resources = [item for item in recorded_resources(stage) if item["name"] not in replaced]
    api = {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api_id}
    resources += [{**api, "rest_api_url": f"{url}/"}, *custom_domain]
    write_json(
        CHALICE_DEPLOYED / f"{stage}.json",
        {"resources": resources, "schema_version": "2.0", "backend": "api"},
    )


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically."""
    path.parent.mkdir(exist_ok=True)
    temporary_file = path.with_name(f"{path.name}.{os.getpid()}")
    temporary_file.write_text(json.dumps(content, indent=2) + "\n")
    temporary_file.replace(path)
