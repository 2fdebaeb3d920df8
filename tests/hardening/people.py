"""Who uses a service in these tests: customers of each kind, and a barista of every vendor."""

from cloud import staff
from cloud.local import LocalCloud
from coffee_client import Accounts, Session
from tests.e2e.conftest import code_in, sign_in_somebody_new
from tests.hardening.traffic import BARISTA, DATES
from tests.samples import PASSWORD


def signed_in(
    cloud: LocalCloud, pool_id: str, client_id: str, vendors: list[str]
) -> dict[str, Session]:
    """Sign them all up, and in."""
    session = cloud.session()
    region, endpoint = session.region_name, cloud.endpoint_url
    accounts = Accounts(client_id, region=region, endpoint_url=endpoint)
    people = {kind: sign_in_somebody_new(accounts, cloud) for kind in DATES}
    email = f"{BARISTA}@example.com"
    accounts.sign_up(BARISTA, PASSWORD, email=email)
    accounts.confirm(BARISTA, code_in(cloud.mails_to(email)[-1]))
    cognito = session.client("cognito-idp", endpoint_url=endpoint)
    for vendorid in vendors:
        staff.hire(cognito, pool_id, vendorid, BARISTA)
    return people | {BARISTA: accounts.log_in(BARISTA, PASSWORD)}
