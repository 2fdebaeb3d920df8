"""Every bad token is rejected at every route that requires a token.

tests/api/test_tokens.py has tokens that only the pool could sign, such as expired ones.
"""

from pytest_httpserver import HTTPServer

from tests.bad_tokens import BAD_TOKENS, valid
from tests.conftest import AddToReport
from tests.fixtures import log_in, make_pool, sign_up
from tests.hardening.target import Target, User, expect_status


def test_bad_token_is_rejected(
    target: Target, customer: User, httpserver: HTTPServer, add_to_report: AddToReport
) -> None:
    pool_id, cognito = target.stack.user_pool_id, target.cognito()
    stolen = valid(customer.id_token, target.cloud.endpoint_url, pool_id, httpserver)
    foreign_pool = make_pool(cognito)
    sign_up(cognito, *foreign_pool, "foreigner")
    foreign_token = log_in(cognito, foreign_pool[1], "foreigner")["IdToken"]
    tokens = [*(forge(stolen) for forge in BAD_TOKENS.values()), foreign_token]
    headers = [None, *tokens, *(f"Bearer {token}" for token in tokens)]
    paths = target.request("GET", "/openapi.json").json()["paths"]
    attempts = [
        (method.upper(), path, header)
        for path, operations in paths.items()
        for method, operation in operations.items()
        for header in headers
        if operation["security"]
    ]
    before = target.requests_handled()
    for method, path, header in attempts:
        response = target.request(method, path, header, b"{}")
        expect_status(response, 401)
        assert response.json() == {"message": "Unauthorized"}
    target.request("GET", "/openapi.json")  # the service answers this one
    assert target.requests_handled() == before + 1, "a rejected request reached the service"
    assert httpserver.log == [], "a token made the service ask the attacker's key server"
    attack = f"{len(tokens)} bad tokens at every route, {target.name}"
    add_to_report("Only valid tokens are accepted", attack, len(attempts))
