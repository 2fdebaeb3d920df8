"""The API and its Lambda function: what Chalice makes, and the few settings it has none for.

Two ways lead to AWS. `chalice deploy` makes both by API calls; `chalice package` writes a
CloudFormation template for a pipeline. Either way the names and limits come out the same.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chalicelib import security_headers
from cloud.outputs import PROJECT

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient

# On each route, for all callers together: so does API Gateway count what is set for a stage.
# Enough for a chain of shops, and a ceiling on what a flood of public GETs can cost. Above it is
# 429. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
_REQUESTS_PER_SECOND = 100
_BURST = 200

# What the gateway's own refusals (401, 403, 413, 429 ...) say beside their status.
REFUSAL_HEADERS = {
    # Without this a page could not tell a refusal from a broken network.
    "Access-Control-Allow-Origin": "*",
    **{
        name: security_headers.ON_EVERY_ANSWER[name]
        for name in ("Cache-Control", "Strict-Transport-Security", "X-Content-Type-Options")
    },
}
_TOO_MANY_HEADERS = {
    **REFUSAL_HEADERS,
    "Access-Control-Expose-Headers": "Retry-After",
    "Retry-After": "1",
}


def _as_parameters(headers: Mapping[str, str]) -> dict[str, str]:
    return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}


_REFUSALS: dict[Literal["DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED"], dict[str, str]] = {
    "DEFAULT_4XX": _as_parameters(REFUSAL_HEADERS),
    "DEFAULT_5XX": _as_parameters(REFUSAL_HEADERS),
    "THROTTLED": _as_parameters(_TOO_MANY_HEADERS),
}


class ChaliceError(Exception):
    """Chalice failed; the message is its own."""


def name(stage: str) -> str:
    """Return the name of the stage's Lambda function, the one `chalice deploy` gives it."""
    return f"coffee-orders-{stage}"


def chalice_command(*words: str) -> list[str]:
    """Return the command line of Chalice on this project, from the same environment as we."""
    chalice = str(Path(sys.executable).with_name("chalice"))
    return [chalice, "--project-dir", str(PROJECT), *words]


def chalice(*words: str, quiet: bool = False) -> None:
    """Run a Chalice command on this project. Raises ChaliceError."""
    forget_bytecode(PROJECT)
    done = subprocess.run(
        chalice_command(*words),
        cwd=PROJECT,
        # Wheels for Lambda's processor Chalice asks for by name; so their hashes count, too.
        env={**os.environ, "PIP_CONSTRAINT": "requirements.txt", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        # Chalice shows a stack trace; what went wrong is what follows the last error's name.
        *_, reason = done.stderr.strip().rpartition("Error: ")
        raise ChaliceError(f"chalice {words[0]}: {reason.strip()}")


def forget_bytecode(project: Path) -> None:
    """Remove what Python has cached in `chalicelib`: Chalice would ship it, and Lambda not use it.

    Bytecode goes by the time of its source, and in Chalice's zip every file is of 1980.
    """
    for cached in (project / "chalicelib").rglob("__pycache__"):
        shutil.rmtree(cached, ignore_errors=True)  # others may be loading from it just now


def package(stage: str, out: Path) -> None:
    """Write the stage's deployment package to `out`: `sam.json` and `deployment.zip`.

    Raises ChaliceError.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as extras:
        json.dump(_template_extras(stage), extras)
        extras.flush()
        chalice(
            *["package", "--stage", stage, "--merge-template", extras.name, str(out)], quiet=True
        )
    _expect_all_dependencies(out / "deployment.zip")


def _expect_all_dependencies(package: Path) -> None:
    """Make sure that all of requirements.txt is in the package: Chalice would go on without."""
    with zipfile.ZipFile(package) as zipped:
        there = {name.partition("/")[0] for name in zipped.namelist()}
    # A line with a marker (`; python_version ...`) may not be for Lambda's Python.
    lines = (PROJECT / "requirements.txt").read_text()
    pinned = re.findall(r"^([\w.-]+)==([\w.]+) \\$", lines, re.MULTILINE)
    missing = [
        f"{name}=={version}"
        for name, version in pinned
        if f"{name.replace('-', '_')}-{version}.dist-info" not in there
    ]
    if missing:
        # Or else Chalice would take what it has just made for the next package, too.
        shutil.rmtree(PROJECT / ".chalice" / "deployments", ignore_errors=True)
        raise ChaliceError(
            f"chalice package: {', '.join(missing)} cannot be had for Lambda: there is no wheel, "
            "it has another hash than in requirements.txt, or the registry cannot be reached"
        )


def finish(client: "APIGatewayClient", api_id: str, stage: str) -> None:
    """Give an API that `chalice deploy` made what Chalice has no settings for."""
    for refusal, parameters in _REFUSALS.items():
        client.put_gateway_response(
            restApiId=api_id, responseType=refusal, responseParameters=parameters
        )
    client.create_deployment(restApiId=api_id, stageName=stage)
    client.update_stage(
        restApiId=api_id,
        stageName=stage,
        patchOperations=[
            {
                "op": "replace",
                "path": "/*/*/throttling/rateLimit",
                "value": str(_REQUESTS_PER_SECOND),
            },
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": str(_BURST)},
        ],
    )


def _template_extras(stage: str) -> dict[str, Any]:
    """Return what to merge into Chalice's template, so that it makes the same of it."""
    limits = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingRateLimit": _REQUESTS_PER_SECOND,
        "ThrottlingBurstLimit": _BURST,
    }
    return {
        "Resources": {
            "APIHandler": {"Properties": {"FunctionName": name(stage)}},
            "RestAPI": {
                "Properties": {
                    "MethodSettings": [limits],
                    "DefinitionBody": {
                        "x-amazon-apigateway-gateway-responses": {
                            refusal: {"responseParameters": parameters}
                            for refusal, parameters in _REFUSALS.items()
                        }
                    },
                }
            },
        }
    }
