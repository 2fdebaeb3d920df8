"""The custom domain of a stage, which Chalice creates if `.chalice/config.json` has one.

Chalice relies on its own record of the mapping from domain to API. This module asks AWS.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from deploy import rest_api
from deploy.target import Target
from tools import CommandError, project


class CustomDomain(NamedTuple):
    """A domain name, and the base path of the API ("" for none)."""

    name: str
    path: str

    @property
    def url(self) -> str:
        """Return the address that ends before `/order`."""
        return f"https://{self.name}/{self.path}".rstrip("/")

    @property
    def path_key(self) -> str:
        """Return the base path as API Gateway calls it."""
        return self.path or "(none)"


def find(stage: str) -> CustomDomain | None:
    """Return the domain in a stage's settings, or None."""
    domain = project.settings(stage).get("api_gateway_custom_domain")
    if domain is None:
        return None
    return CustomDomain(domain["domain_name"], domain.get("url_prefix", "").strip("/"))


def chalice_record(target: Target, api_id: str) -> list[dict[str, Any]]:
    """Return Chalice's record of a mapping to this API, or [] if there is no mapping yet.

    Chalice creates a missing mapping, but does not change an existing one. So a mapping to another
    API of this stage is deleted. Raises CommandError if it leads to an API of somebody else.
    """
    domain = find(target.stage)
    if domain is None:
        return []
    client = target.session.client("apigateway")
    try:
        mapping = client.get_base_path_mapping(domainName=domain.name, basePath=domain.path_key)
    except client.exceptions.NotFoundException:
        return []
    if mapping["restApiId"] != api_id:
        if mapping["restApiId"] not in _api_ids(target):
            raise CommandError(
                f"{domain.url} is mapped to the API {mapping['restApiId']}, which does not belong "
                f"to stage {target.stage}. Choose another domain_name or url_prefix"
            )
        client.delete_base_path_mapping(domainName=domain.name, basePath=domain.path_key)
        return []
    return [
        {
            "name": "api_gateway_custom_domain",
            "resource_type": "domain_name",
            "domain_name": domain.name,
            "api_mapping": [{"key": f"/{domain.path}"}],
        }
    ]


def delete(target: Target) -> Iterator[str]:
    """Delete the mapping to the stage's API, and the domain unless other mappings use it.

    Return the names of what was deleted.
    """
    domain = find(target.stage)
    if domain is None:
        return
    client = target.session.client("apigateway")
    pages = client.get_paginator("get_base_path_mappings").paginate(domainName=domain.name)
    try:
        apis = {item["basePath"]: item["restApiId"] for page in pages for item in page["items"]}
        if apis.get(domain.path_key) in _api_ids(target):
            client.delete_base_path_mapping(domainName=domain.name, basePath=domain.path_key)
            del apis[domain.path_key]
            yield f"mapping of {domain.url}"
        if not apis:
            client.delete_domain_name(domainName=domain.name)
            yield f"domain {domain.name}"
    except client.exceptions.NotFoundException:
        return


def _api_ids(target: Target) -> set[str]:
    return {api.id for api in rest_api.find(target)}
