"""The local cloud of `make run` has only the necessary services."""

import pytest
import requests
from botocore.exceptions import ClientError

from local.service import Service


@pytest.mark.parametrize(
    ("service_name", "method", "target"),
    [
        ("lambda", "GET", "/2015-03-31/functions"),
        ("lambda", "POST", "/2015-03-31/functions"),
        ("cloudformation", "POST", "/?Action=CreateStack"),
        ("iam", "POST", "/?Action=CreateRole&RoleName=evil"),
        ("sts", "POST", "/"),
        ("s3", "PUT", "/bucket"),
        ("ecs", "POST", "/"),
        ("dynamodb", "POST", "/_ministack/reset"),
    ],
)
def test_other_services_are_forbidden(
    service: Service, service_name: str, method: str, target: str
) -> None:
    """MiniStack checks no signatures, so it would accept these requests."""
    credential = f"test/20261125/ap-southeast-2/{service_name}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    response = requests.request(
        method,
        f"{service.cloud.endpoint_url}{target}",
        headers={"Authorization": authorization},
        timeout=5,
    )
    assert response.status_code == 403
    assert response.json()["message"].startswith("This local cloud serves only")


def test_owner_has_no_lambda(service: Service) -> None:
    with pytest.raises(ClientError):
        service.cloud.client("lambda").list_functions()
