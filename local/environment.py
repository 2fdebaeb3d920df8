"""Environment variables that point AWS clients at a local cloud, and at nothing else."""

import os
from collections.abc import Mapping

# MiniStack's root user. A real key never reaches the local cloud.
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # nosec B105


def local_access(endpoint_url: str, region: str) -> dict[str, str]:
    """Return the variables that point boto3 at a local cloud, as its owner."""
    return {
        **LOCAL_CREDENTIALS,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
        # A profile in the user's files could set an endpoint or credentials of its own.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without its AWS settings, except the CA bundle."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("AWS_") or name == "AWS_CA_BUNDLE"
    }
