"""The users of traffic.py: customers of each kind, and staff of every vendor."""

from coffee_client import Accounts, Session
from local.emulator import REGION, LocalCloud
from tests.e2e.people import add_staff, sign_in_somebody_new, sign_up
from tests.hardening.traffic import BARISTA, DATES
from tests.samples import PASSWORD


def signed_in(
    cloud: LocalCloud, pool_id: str, client_id: str, vendors: list[str]
) -> dict[str, Session]:
    """Sign up all users and log them in; return their sessions by name."""
    accounts = Accounts(client_id, region=REGION, endpoint_url=cloud.endpoint_url)
    people = {kind: sign_in_somebody_new(accounts, cloud) for kind in DATES}
    sign_up(accounts, cloud, BARISTA)
    for vendorid in vendors:
        add_staff(cloud, pool_id, vendorid, BARISTA)
    return people | {BARISTA: accounts.log_in(BARISTA, PASSWORD)}
