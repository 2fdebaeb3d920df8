"""The packaged service behind the local cloud's API Gateway, deployed by `make deploy`.

The function runs in a separate process and accesses the tables with the permissions of its role.
"""

from pathlib import Path

import psutil
import pytest

from deploy import cloudformation, stack
from local.emulator import LocalCloud
from tests.e2e.project import Project
from tests.hardening.target import Target

STAGE = "dev"


class Packaged(Target):
    """The service of a copy of the project, on a local cloud."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        project = Project.on(cloud, folder)
        variables = project.variables(STAGE) | {"ORDERS_PER_MINUTE": "1000000"}
        project.change_stage(STAGE, environment_variables=variables)
        project.succeed("deploy", "account", "--stage", STAGE)
        code, output = project.run("deploy", "deploy", "--stage", STAGE)
        if code:  # without a package index, all tests behind the gateway fail, each with this line
            pytest.fail(f"make deploy: {output.splitlines()[-1]}", pytrace=False)
        client = cloud.client("cloudformation")
        api = cloudformation.describe(client, stack.api_name(STAGE)).outputs
        url = f"{cloud.endpoint_url}/_aws/execute-api/{api['RestAPIId']}/{STAGE}"
        self.outputs, self.function = stack.outputs(client, STAGE), api["APIHandlerName"]
        super().__init__("the package", self.outputs, url, cloud)
        self._events: set[tuple[int, str]] = set()

    def read_log(self) -> str:
        """Return all log lines of the function. The local cloud returns 10,000 at once."""
        logs, group = self.cloud.client("logs"), f"/aws/lambda/{stack.api_name(STAGE)}"
        while True:
            latest_time = max(self._events, default=(0, ""))[0]
            # Processes of the function write at the same time, so a late line may be earlier.
            query = {"logGroupName": group, "startTime": max(0, latest_time - 5_000)}
            page = logs.filter_log_events(**query)["events"]
            events = {(event["timestamp"], event["message"]) for event in page}
            if events <= self._events:
                return "\n".join(message for _, message in sorted(self._events))
            self._events |= events

    def processes(self) -> list[psutil.Process]:
        """Return the children of the local cloud, which this process has started."""
        port = self.cloud.endpoint_url.rpartition(":")[2]
        children = psutil.Process().children()
        (cloud,) = (child for child in children if child.environ().get("GATEWAY_PORT") == port)
        return cloud.children(recursive=True)
