"""A look into a token of one's own. Who has to trust a token must check its signature instead."""

import base64
import json
from typing import Any


def claims_of(token: str) -> dict[str, Any]:
    """Return what a JWT says, believing it."""
    payload = token.split(".")[1]
    padded = payload + "=" * (-len(payload) % 4)
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(padded))
    return claims
