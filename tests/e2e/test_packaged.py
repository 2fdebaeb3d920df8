"""The very package that goes to AWS, behind the local cloud's API Gateway, with IAM enforced.

Real HTTP goes through API Gateway to the Lambda function in a process of its own, which
reaches the table with the rights of its role and no others.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import requests

from cloud import staff
from coffee_client import Accounts, Details, Order, OrderError, Session, Shop
from tests.bad_tokens import FROM_ANY_GOOD_TOKEN, signed_with_the_public_key
from tests.broken_table import BrokenTable, answers, hangs_up
from tests.e2e.conftest import code_in, sign_in_somebody_new
from tests.e2e.packaged import API_STACK, Packaged
from tests.samples import PASSWORD, order, placed

_FUNCTION = "coffee-orders-local"


@pytest.fixture(scope="module")
def accounts(packaged: Packaged) -> Accounts:
    return Accounts(
        packaged.made.client_id,
        region=packaged.client("s3").meta.region_name,
        endpoint_url=packaged.cloud.endpoint_url,
    )


@pytest.fixture(scope="module")
def signed_in_customer(packaged: Packaged, accounts: Accounts) -> Session:
    return sign_in_somebody_new(accounts, packaged.cloud)


@pytest.fixture(scope="module")
def post_order(packaged: Packaged, signed_in_customer: Session) -> Callable[..., Any]:
    """Return a function that POSTs a body, as the signed-in customer unless told otherwise."""

    def post(body: Any, authorization: str | None = "", **headers: str) -> requests.Response:
        if authorization is not None:
            token = authorization or signed_in_customer.id_token()
            headers["Authorization"] = token.encode()  # type: ignore[assignment]
        return requests.post(
            f"{packaged.api_url}/order",
            data=body if isinstance(body, bytes) else json.dumps({"order": body}),
            headers={"Content-Type": "application/json"} | headers,
            timeout=30,
        )

    return post


PostOrder = Callable[..., requests.Response]


def get(packaged: Packaged, accountid: str, vendorid: str = "v0") -> requests.Response:
    key = {"accountid": accountid, "vendorid": vendorid}
    return requests.get(f"{packaged.api_url}/order", params=key, timeout=30)


@pytest.mark.parametrize("scheme", ["", "Bearer "])
def test_an_order_is_created_and_found(
    packaged: Packaged,
    post_order: PostOrder,
    signed_in_customer: Session,
    accountid: str,
    scheme: str,
) -> None:
    answer = post_order(order(accountid), scheme + signed_in_customer.id_token())
    assert (answer.status_code, answer.json()) == (201, {"order": placed(accountid)})
    assert answer.headers["Location"] == f"order?accountid={accountid}&vendorid=v0"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found = get(packaged, accountid)
    assert (found.status_code, found.json()) == (200, {"order": placed(accountid)})


@pytest.mark.parametrize("vendorid", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕"])
def test_ids_of_any_kind_find_their_way(
    packaged: Packaged, post_order: PostOrder, accountid: str, vendorid: str
) -> None:
    assert post_order(order(accountid, vendorid)).status_code == 201
    assert get(packaged, accountid, vendorid).json() == {"order": placed(accountid, vendorid)}


def test_every_answer_of_the_contract(
    packaged: Packaged, post_order: PostOrder, accounts: Accounts, accountid: str
) -> None:
    stranger = sign_in_somebody_new(accounts, packaged.cloud).id_token()
    assert post_order(order(accountid)).status_code == 201
    assert post_order(order(accountid)).status_code == 200
    assert post_order(order(accountid, quantity=0)).status_code == 400
    assert post_order(b"[" * 16_000).status_code == 400
    assert post_order(b"").status_code == 400
    assert post_order(order(accountid), None).status_code == 401
    assert post_order(order(accountid), stranger).status_code == 403
    assert post_order(b" " * 20_000).status_code == 413
    assert post_order(b"x", **{"Content-Type": "text/plain"}).status_code == 415
    assert get(packaged, accountid).status_code == 200
    assert get(packaged, "").status_code == 400
    assert get(packaged, "nobody").status_code == 404
    repeated = f"{packaged.api_url}/order?accountid=a&accountid=b&vendorid=v"
    assert requests.get(repeated, timeout=30).json()["Message"] == (
        "accountid: is given more than once"
    )


def assert_turned_away_by_the_gateway(packaged: Packaged, send: Callable[[], Any]) -> None:
    """Expect 401 in the gateway's words, and no sign of the function."""
    before = len(packaged.log_lines())
    answer = send()
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert len(packaged.log_lines()) == before


def test_no_token_is_turned_away_before_the_function_runs(
    packaged: Packaged, post_order: PostOrder
) -> None:
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), None))


@pytest.mark.parametrize("kind", FROM_ANY_GOOD_TOKEN)
def test_a_token_of_no_worth_is_turned_away_before_the_function_runs(
    packaged: Packaged, post_order: PostOrder, signed_in_customer: Session, kind: str
) -> None:
    token = FROM_ANY_GOOD_TOKEN[kind](signed_in_customer.id_token())
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), token))


def test_a_token_signed_with_the_public_key_as_secret_is_turned_away(
    packaged: Packaged, post_order: PostOrder, signed_in_customer: Session
) -> None:
    url = f"{packaged.cloud.endpoint_url}/{packaged.made.user_pool_id}/.well-known/jwks.json"
    jwks = requests.get(url, timeout=5).json()
    token = signed_with_the_public_key(signed_in_customer.id_token(), jwks)
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), token))


def test_an_expired_token_is_turned_away(packaged: Packaged, post_order: PostOrder) -> None:
    token = tokens_of_somebody_new(packaged, IdTokenValidity=1)["IdToken"]
    assert post_order(order("expiring"), token).status_code == 201
    time.sleep(1.5)
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order("expiring"), token))


def test_another_pools_token_is_turned_away(packaged: Packaged, post_order: PostOrder) -> None:
    pool = packaged.client("cognito-idp").create_user_pool(PoolName="foreign")["UserPool"]["Id"]
    token = tokens_of_somebody_new(packaged, pool)["IdToken"]
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), token))


def test_an_access_token_is_turned_away(packaged: Packaged, post_order: PostOrder) -> None:
    """By the function: the local cloud's gateway lets it pass, AWS's would not."""
    answer = post_order(order(), tokens_of_somebody_new(packaged)["AccessToken"])
    assert (answer.status_code, answer.json()["Code"]) == (401, "UnauthorizedError")


def tokens_of_somebody_new(
    packaged: Packaged, pool: str | None = None, **validity: int
) -> dict[str, str]:
    """Log somebody in by an app client of their own, whose tokens may live for seconds."""
    cognito = packaged.client("cognito-idp")
    pool = pool or packaged.made.user_pool_id
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="another",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        TokenValidityUnits={"IdToken": "seconds"},
        **validity,
    )["UserPoolClient"]["ClientId"]
    username = f"user-{client}"
    cognito.sign_up(ClientId=client, Username=username, Password=PASSWORD)
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username=username)
    tokens: dict[str, str] = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return tokens


def test_a_browser_is_told_what_it_may_send_without_a_token(packaged: Packaged) -> None:
    before = len(packaged.log_lines())
    asks = {
        "Origin": "https://coffee.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = requests.options(f"{packaged.api_url}/order", headers=asks, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"].split(",")
    assert {"Authorization", "Content-Type"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(",")
    )
    assert len(packaged.log_lines()) == before


@contextmanager
def without(packaged: Packaged, action: str) -> Iterator[None]:
    """Take one action away from the function's role, for a while."""
    iam = packaged.client("iam")
    function = packaged.client("lambda").get_function_configuration(FunctionName=_FUNCTION)
    role = function["Role"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less = json.loads(json.dumps(policy))
    for statement in less["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    assert less != policy
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))


Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def barista(packaged: Packaged, accounts: Accounts) -> Session:
    return hired(packaged, accounts, "v0")


def hired(packaged: Packaged, accounts: Accounts, vendorid: str) -> Session:
    """Sign somebody in who is staff of the vendor."""
    username = f"barista{abs(hash(vendorid))}"
    email = f"{username}@example.com"
    accounts.sign_up(username, PASSWORD, email=email)
    accounts.confirm(username, code_in(packaged.cloud.mails_to(email)[-1]))
    cognito = packaged.client("cognito-idp")
    staff.hire(cognito, packaged.made.user_pool_id, vendorid, username)
    return accounts.log_in(username, PASSWORD)


@pytest.fixture(scope="module")
def ask(packaged: Packaged) -> Ask:
    """Return a function that sends a request as somebody, or as nobody."""

    def ask(
        method: str, path: str, who: Session | None = None, body: Any = None, **query: str
    ) -> requests.Response:
        headers = {"Authorization": who.id_token()} if who else {}
        url = f"{packaged.api_url}{path}"
        return requests.request(method, url, params=query, json=body, headers=headers, timeout=30)

    return ask


@pytest.mark.parametrize(
    ("action", "fails"),
    [
        ("dynamodb:PutItem", {"place"}),
        ("dynamodb:GetItem", {"get"}),
        ("dynamodb:UpdateItem", {"advance", "cancel"}),
        ("dynamodb:Query", {"list", "queue"}),
    ],
)
def test_with_one_action_taken_away_its_routes_fail_and_no_others(
    packaged: Packaged,
    ask: Ask,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
    action: str,
    fails: set[str],
) -> None:
    customer = signed_in_customer
    keys = [{"accountid": f"{accountid}-{number}", "vendorid": "v0"} for number in range(3)]
    for key in keys[:2]:
        ask("POST", "/order", customer, {"order": order(**key)})
    with without(packaged, action):
        answers = {
            "place": ask("POST", "/order", customer, {"order": order(**keys[2])}),
            "get": ask("GET", "/order", **keys[0]),
            "list": ask("GET", "/orders", customer),
            "queue": ask("GET", "/orders", barista, vendorid="v0"),
            "advance": ask("PATCH", "/order", barista, {"status": "preparing"}, **keys[0]),
            "cancel": ask("DELETE", "/order", customer, **keys[1]),
        }
    assert {name for name, answer in answers.items() if not answer.ok} == fails
    for name in fails:
        assert answers[name].status_code == 500
        assert answers[name].json()["Message"] == "An internal server error occurred."


@pytest.mark.parametrize("name", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "x,vendor-y"])
def test_an_order_lives_and_is_listed_whatever_its_shop_is_called(
    packaged: Packaged, accounts: Accounts, ask: Ask, accountid: str, name: str
) -> None:
    name = f"{name} {accountid}"
    customer = sign_in_somebody_new(accounts, packaged.cloud)
    barista = hired(packaged, accounts, name)
    keys = [{"accountid": f"{accountid}-{number}", "vendorid": name} for number in range(3)]
    for key in keys:
        assert ask("POST", "/order", customer, {"order": order(**key)}).status_code == 201

    def statuses(answer: requests.Response) -> list[tuple[str, str]]:
        listed = answer.json()["orders"]
        return [(each["accountid"][-1], each["status"]) for each in listed]

    for step in ("preparing", "ready", "collected"):
        moved = ask("PATCH", "/order", barista, {"status": step}, **keys[0])
        assert moved.json() == {"order": {**placed(**keys[0]), "status": step}}
    cancelled = ask("DELETE", "/order", customer, **keys[1])
    assert cancelled.json() == {"order": {**placed(**keys[1]), "status": "cancelled"}}
    assert statuses(ask("GET", "/orders", barista, vendorid=name)) == [("2", "placed")]
    mine = [("2", "placed"), ("1", "cancelled"), ("0", "collected")]
    assert statuses(ask("GET", "/orders", customer)) == mine
    first = ask("GET", "/orders", customer, limit="2")
    assert statuses(first) == mine[:2]
    rest = ask("GET", "/orders", customer, limit="2", cursor=first.json()["cursor"])
    assert statuses(rest) == mine[2:]
    assert "cursor" not in rest.json()


def test_every_further_answer_of_the_contract(
    packaged: Packaged,
    accounts: Accounts,
    ask: Ask,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
) -> None:
    stranger = sign_in_somebody_new(accounts, packaged.cloud)
    key = {"accountid": accountid, "vendorid": "v0"}
    nothing = {"accountid": "nobody", "vendorid": "v0"}
    step = {"status": "preparing"}
    ask("POST", "/order", signed_in_customer, {"order": order(**key)})
    assert ask("DELETE", "/order", stranger, **key).status_code == 403
    assert ask("DELETE", "/order", stranger, **nothing).status_code == 404
    assert ask("PATCH", "/order", stranger, step, **key).status_code == 403
    assert ask("PATCH", "/order", barista, {"status": "x"}, **key).status_code == 400
    assert ask("PATCH", "/order", barista, {"status": "ready"}, **key).status_code == 409
    assert ask("PATCH", "/order", barista, step, **key).status_code == 200
    assert ask("PATCH", "/order", barista, step, **nothing).status_code == 404
    assert ask("DELETE", "/order", signed_in_customer, **key).status_code == 409
    again = {"order": order(**key)}
    assert ask("POST", "/order", signed_in_customer, again).status_code == 409
    assert ask("GET", "/orders", stranger, vendorid="v0").status_code == 403
    assert ask("GET", "/orders", stranger, cursor="junk").status_code == 400
    for method, path in (("DELETE", "/order"), ("PATCH", "/order"), ("GET", "/orders")):
        assert ask(method, path, **key).json() == {"message": "Unauthorized"}


def test_a_customer_who_cancels_while_the_shop_starts(
    packaged: Packaged,
    ask: Ask,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
) -> None:
    assert packaged
    for round_ in range(5):
        key = {"accountid": f"{accountid}-{round_}", "vendorid": "v0"}
        ask("POST", "/order", signed_in_customer, {"order": order(**key)})
        presses: list[Callable[[], requests.Response]] = [
            partial(ask, "DELETE", "/order", signed_in_customer, **key),
            partial(ask, "PATCH", "/order", barista, {"status": "preparing"}, **key),
        ]
        with ThreadPoolExecutor(len(presses)) as pool:
            answers = list(pool.map(lambda press: press(), presses))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert lost.json()["Message"] == f"The order is {won.json()['order']['status']}"


def test_the_description_of_the_api_is_served_from_the_package(packaged: Packaged) -> None:
    answer = requests.get(f"{packaged.api_url}/openapi.json", timeout=10)
    written = packaged.project.folder / "chalicelib/openapi.json"
    assert answer.json() == json.loads(written.read_text())


def test_the_role_reaches_no_other_table(packaged: Packaged, post_order: PostOrder) -> None:
    dynamodb, functions = packaged.client("dynamodb"), packaged.client("lambda")
    dynamodb.create_table(
        TableName="another-table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "accountid", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "accountid", "AttributeType": "S"}],
    )
    usual = functions.get_function_configuration(FunctionName=_FUNCTION)["Environment"]
    changed = {"Variables": usual["Variables"] | {"ORDERS_TABLE": "another-table"}}
    functions.update_function_configuration(FunctionName=_FUNCTION, Environment=changed)
    try:
        assert post_order(order()).status_code == 500
        assert "AccessDenied" in "".join(packaged.log_lines())
    finally:
        functions.update_function_configuration(FunctionName=_FUNCTION, Environment=usual)
    assert post_order(order("after all")).status_code == 201


@contextmanager
def table_replaced_by(packaged: Packaged, broken: BrokenTable) -> Iterator[None]:
    """Let the function find another table at DynamoDB's address, for a while."""
    functions = packaged.client("lambda")
    usual = functions.get_function_configuration(FunctionName=_FUNCTION)["Environment"]
    there = {"AWS_ENDPOINT_URL_DYNAMODB": broken.url}
    changed = {"Variables": usual["Variables"] | there}
    functions.update_function_configuration(FunctionName=_FUNCTION, Environment=changed)
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=_FUNCTION, Environment=usual)


@pytest.mark.parametrize(
    ("behave", "status"),
    [(answers(400, "ThrottlingException"), 429), (hangs_up, 503)],
    ids=["throttling", "gone"],
)
def test_a_table_in_trouble_is_told_as_such(
    packaged: Packaged, post_order: PostOrder, behave: Any, status: int
) -> None:
    with BrokenTable.running() as broken, table_replaced_by(packaged, broken):
        broken.behave = behave
        for answer in (post_order(order()), get(packaged, "a0")):
            assert answer.status_code == status
            assert int(answer.headers["Retry-After"]) >= 1
        assert broken.requests > 0


def test_a_second_deploy_keeps_orders_and_customers(
    packaged: Packaged, accounts: Accounts, accountid: str
) -> None:
    email = f"{accountid}@example.com"
    accounts.sign_up(accountid, PASSWORD, email=email)
    accounts.confirm(accountid, packaged.cloud.mails_to(email)[-1].split()[-1].rstrip("."))
    shop = Shop(packaged.api_url, accounts.log_in(accountid, PASSWORD))
    shop.place(Order(accountid, "v0", Details("Flat White", "Large", "4.80", "2")))

    app = packaged.project.folder / "app.py"
    app.write_text(app.read_text().replace('"""Look an order up', '"""Look up an order'))
    assert packaged.deploy() == packaged.made

    again = Shop(packaged.api_url, accounts.log_in(accountid, PASSWORD))
    assert again.get(accountid, "v0").details.coffeetype == "Flat White"
    changed = Order(accountid, "v0", Details("Piccolo", "Small", "4", "1"))
    assert not again.place(changed).is_new


def test_two_customers_do_not_get_at_each_others_orders(
    packaged: Packaged, accounts: Accounts, accountid: str
) -> None:
    first, second = (
        Shop(packaged.api_url, sign_in_somebody_new(accounts, packaged.cloud)) for _ in range(2)
    )
    ours = Order(accountid, "v0", Details("Flat White", "Large", "4.80", "2"))
    first.place(ours)
    with pytest.raises(OrderError, match="403"):
        second.place(ours)


def test_the_functions_log_is_json_and_has_no_secret(
    packaged: Packaged, post_order: PostOrder, signed_in_customer: Session, accountid: str
) -> None:
    post_order(order(accountid, coffeetype="Secret Roast"))
    lines = packaged.log_lines()
    answered = [json.loads(line) for line in lines if '"answered"' in line]
    assert {"request_id", "function_request_id", "route", "status", "duration_ms"} <= set(
        answered[-1]
    )
    written = "\n".join(lines)
    for secret in (signed_in_customer.id_token(), "Secret Roast", accountid):
        assert secret not in written


def test_the_api_and_its_function_are_named_as_the_alarms_expect(packaged: Packaged) -> None:
    resources = packaged.client("cloudformation").describe_stack_resources(StackName=API_STACK)
    ids = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources["StackResources"]}
    assert ids["AWS::Lambda::Function"] == _FUNCTION
    gateway = packaged.client("apigateway")
    assert gateway.get_rest_api(restApiId=packaged.api_id)["name"] == "coffee-orders"
    stage = gateway.get_stage(restApiId=packaged.api_id, stageName="local")
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)


def test_the_gateways_refusals_are_for_any_origin(packaged: Packaged) -> None:
    """In the Swagger: the local cloud does not import this part of it."""
    swagger = packaged.template()["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    refusals = swagger["x-amazon-apigateway-gateway-responses"]
    header = "gatewayresponse.header.Access-Control-Allow-Origin"
    for refusal in ("DEFAULT_4XX", "DEFAULT_5XX"):
        assert refusals[refusal]["responseParameters"] == {header: "'*'"}
