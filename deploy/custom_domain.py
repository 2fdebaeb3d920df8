"""The custom domain of a stage, which Chalice creates if `.chalice/config.json` has one.

Chalice relies on its own record of the mapping from domain to API. This module asks AWS.
"""

from typing import Any, NamedTuple

from deploy import project
from deploy.target import Target


class CustomDomain(NamedTuple):
    """A domain name, and the base path of the API ("" for none)."""

    name: str
    path: str

    @property
    def url(self) -> str:
        """Return the address that ends before `/order`."""
        return f"https://{self.name}/{self.path}".rstrip("/")


def find(stage: str) -> CustomDomain | None:
    """Return the domain in a stage's settings, or None."""
    domain = project.settings(stage).get("api_gateway_custom_domain")
    if domain is None:
        return None
    return CustomDomain(domain["domain_name"], domain.get("url_prefix", "").strip("/"))


def chalice_record(target: Target, api_id: str) -> list[dict[str, Any]]:
    """Return Chalice's record of a mapping to this API, or [] if there is no such mapping.

    Chalice creates a missing mapping, but does not change one that leads to another API. Such a
    mapping is deleted here.
    """
    domain = find(target.stage)
    if domain is None:
        return []
    client = target.session.client("apigateway")
    mapping_key: dict[str, Any] = {"domainName": domain.name, "basePath": domain.path or "(none)"}
    try:
        mapping = client.get_base_path_mapping(**mapping_key)
    except client.exceptions.NotFoundException:
        return []
    if mapping["restApiId"] != api_id:
        client.delete_base_path_mapping(**mapping_key)
        return []
    return [
        {
            "name": "api_gateway_custom_domain",
            "resource_type": "domain_name",
            "domain_name": domain.name,
            "api_mapping": [{"key": f"/{domain.path}"}],
        }
    ]


def delete(target: Target) -> bool:
    """Delete the domain name and its mapping; return whether it existed."""
    domain = find(target.stage)
    if domain is None:
        return False
    client = target.session.client("apigateway")
    try:
        for mapping in client.get_base_path_mappings(domainName=domain.name)["items"]:
            client.delete_base_path_mapping(domainName=domain.name, basePath=mapping["basePath"])
        client.delete_domain_name(domainName=domain.name)
    except client.exceptions.NotFoundException:
        return False
    return True
