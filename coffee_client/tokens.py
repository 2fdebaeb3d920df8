"""The claims in one's own token. To trust somebody else's, check its signature instead."""

import base64
import json
from typing import Any


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, unchecked. Raises ValueError if it is not a JWT."""
    try:
        payload = token.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, IndexError, RecursionError) as error:
        raise ValueError("This is not a JWT") from error
    if not isinstance(claims, dict):
        raise ValueError("This is not a JWT")
    return claims
