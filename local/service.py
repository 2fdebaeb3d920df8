"""The whole service on this machine: local cloud, stack, and the app behind `chalice local`."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from deploy import stack
from local.emulator import REGION, LocalCloud, allow_page, local_cloud
from local.server import LOOPBACK, running_server
from local.state import LocalStack
from tools.project import chalice_command


class Service(NamedTuple):
    """A running service, and the cloud that it runs on."""

    stack: LocalStack
    cloud: LocalCloud
    process: subprocess.Popen[bytes]
    log: Path


@contextlib.contextmanager
def local_stack(
    directory: Path, api_url: str, report: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[LocalCloud, LocalStack]]:
    """Run a local cloud with the stack until the block ends.

    The service will be at `api_url`. Raises ServerError or StackError.
    """
    with local_cloud(directory) as cloud:
        allow_page(cloud.endpoint_url, api_url)
        report(f"the local cloud, MiniStack, answers at {cloud.endpoint_url}")
        outputs = stack.apply(cloud.client("cloudformation"), "local")
        report(
            f"CloudFormation has created the stack {stack.name('local')}: "
            "tables, user pool, app client"
        )
        public_key = stack.push_public_key(cloud.client("kms"), outputs.push_key)
        yield (
            cloud,
            LocalStack(
                api_url,
                REGION,
                cloud.endpoint_url,
                push_public_key=public_key,
                **outputs._asdict(),
            ),
        )


@contextlib.contextmanager
def local_service(
    directory: Path, port: int, report: Callable[[str], None] = lambda _: None
) -> Iterator[Service]:
    """Run the service on a local cloud until the block ends; `directory` has the logs.

    `report` gets a line for each step. Raises ServerError or StackError.
    """
    api_url = f"http://{LOOPBACK}:{port}"
    with local_stack(directory, api_url, report) as (cloud, running_stack):
        log = directory / "service.log"
        with running_server(
            "The service (chalice local)",
            chalice_command("local", "--stage", "local", "--port", str(port), "--no-autoreload"),
            env=cloud.environment() | running_stack.environment(),
            log=log,
            ready_url=f"{api_url}/order",
        ) as process:
            report(f"chalice local serves app.py at {api_url}")
            yield Service(running_stack, cloud, process, log)
