"""The resources of deploy/resources.yaml."""

from typing import Any

import yaml

from deploy.stack import TEMPLATE


def resources() -> dict[str, Any]:
    """Return the resources by name, with None for each use of a CloudFormation function."""

    class Loader(yaml.SafeLoader):
        """A YAML loader that ignores CloudFormation's functions."""

    Loader.add_multi_constructor("!", lambda *_: None)
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)["Resources"]  # noqa: S506
    return loaded
