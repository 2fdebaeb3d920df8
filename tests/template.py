"""deploy/resources.yaml, as far as tests look into it."""

from typing import Any

import yaml

from deploy.stack import TEMPLATE


def resources() -> dict[str, Any]:
    """Return the resources, without what CloudFormation's functions would make of them."""

    class Loader(yaml.SafeLoader):
        """Reads YAML, and of CloudFormation's functions nothing."""

    Loader.add_multi_constructor("!", lambda *_: None)
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)["Resources"]  # noqa: S506
    return loaded
