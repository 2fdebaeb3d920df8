"""The packaged service behind the local cloud's API Gateway, deployed by `make deploy`.

The function runs in a separate process and accesses the tables with the permissions of its role.
"""

import os
from pathlib import Path

import psutil
import pytest

from deploy import cloudformation, stack
from local.emulator import LocalCloud
from tests.e2e.project import Project
from tests.hardening.target import Target

STAGE = "dev"


class Packaged:
    """The service of a copy of the project, on a local cloud."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.project = Project(folder, {**os.environ, **cloud.environment()}).use_local_cloud()
        variables = self.project.variables(STAGE) | {"ORDERS_PER_MINUTE": "1000000"}
        self.project.change_stage(STAGE, environment_variables=variables)
        self.project.succeed("deploy", "account", "--stage", STAGE)
        code, output = self.project.run("deploy", "deploy", "--stage", STAGE)
        if code:  # without a package index, all tests behind the gateway fail, each with this line
            pytest.fail(f"make deploy: {output.splitlines()[-1]}", pytrace=False)
        client = cloud.client("cloudformation")
        api = cloudformation.describe(client, stack.api_name(STAGE)).outputs
        self.function = api["APIHandlerName"]
        self.api_url = f"{cloud.endpoint_url}/_aws/execute-api/{api['RestAPIId']}/{STAGE}"
        self.outputs = stack.outputs(client, STAGE)
        self.target = Target(
            "the package",
            self.outputs,
            self.api_url,
            cloud,
            read_log=lambda: "\n".join(self.log_lines()),
            processes=self._function_processes,
        )
        self._events: set[tuple[int, str]] = set()

    def log_lines(self) -> list[str]:
        """Return all log lines of the function. The local cloud returns 10,000 at once."""
        logs, group = self.cloud.client("logs"), f"/aws/lambda/{stack.api_name(STAGE)}"
        while True:
            latest_time = max(self._events, default=(0, ""))[0]
            # Processes of the function write at the same time, so a late line may be earlier.
            query = {"logGroupName": group, "startTime": max(0, latest_time - 5_000)}
            page = logs.filter_log_events(**query)["events"]
            events = {(event["timestamp"], event["message"]) for event in page}
            if events <= self._events:
                return [message for _, message in sorted(self._events)]
            self._events |= events

    def _function_processes(self) -> list[psutil.Process]:
        """Return the children of the local cloud, which this process has started."""
        port = self.cloud.endpoint_url.rpartition(":")[2]
        children = psutil.Process().children()
        (cloud,) = (child for child in children if child.environ().get("GATEWAY_PORT") == port)
        return cloud.children(recursive=True)
