"""What a laptop prepares before the service loads; on Lambda the cloud has done it.

Imported by `app.py` wherever Chalice's local gateway is installed.
"""

import os

from local.authorizer import check_tokens
from local.environment import without_aws
from local.state import read_local


def prepare() -> None:
    """Check tokens as API Gateway does, and find the local cloud that `make run` keeps up."""
    check_tokens()
    if os.environ.get("STAGE") == "local" and "ORDERS_TABLE" not in os.environ:
        here = without_aws(os.environ) | read_local().environment()
        for name in set(os.environ) - set(here):
            del os.environ[name]
        os.environ.update(here)
