"""The stage's own domain name, which Chalice creates when `.chalice/config.json` names one.

Chalice finds the mapping from the domain to the API by its note. Here it is found on AWS.
"""

from typing import Any, NamedTuple

from deploy import project
from deploy.target import Target


class CustomDomain(NamedTuple):
    """A domain name, and the path below which it serves the API: "" for all of it."""

    name: str
    path: str

    @property
    def url(self) -> str:
        """Return the address that ends before `/order`."""
        return f"https://{self.name}/{self.path}".rstrip("/")


def configured(stage: str) -> CustomDomain | None:
    """Return the domain of a stage; None when its settings name none."""
    domain = project.settings(stage).get("api_gateway_custom_domain")
    if domain is None:
        return None
    return CustomDomain(domain["domain_name"], domain.get("url_prefix", "").strip("/"))


def chalices_note(target: Target, api_id: str) -> list[dict[str, Any]]:
    """Return what Chalice would have noted of a mapping to this API.

    Chalice creates a missing mapping, but leaves an existing one alone, even where it leads to an
    API that is gone. Such a mapping is deleted here.
    """
    domain = configured(target.stage)
    if domain is None:
        return []
    client = target.session.client("apigateway")
    at: dict[str, Any] = {"domainName": domain.name, "basePath": domain.path or "(none)"}
    try:
        mapping = client.get_base_path_mapping(**at)
    except client.exceptions.NotFoundException:
        return []
    if mapping["restApiId"] != api_id:
        client.delete_base_path_mapping(**at)
        return []
    names = {"name": "api_gateway_custom_domain", "resource_type": "domain_name"}
    return [{**names, "domain_name": domain.name, "api_mapping": [{"key": f"/{domain.path}"}]}]


def delete(target: Target) -> bool:
    """Delete the domain name and its mapping; return whether there was one."""
    domain = configured(target.stage)
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
