"""What every answer tells a browser: how not to read it, frame it or keep it.

The list is OWASP's for JSON APIs:
https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
A route that knows better (the OpenAPI document may be cached, a page needs a policy of its own)
says so in its own answer, and its word stays.
"""

from collections.abc import Callable

from chalice import Response
from chalice.app import Request

ON_EVERY_ANSWER = {
    # Orders are for whoever asked: no cache on the way may keep them.
    "Cache-Control": "no-store",
    # An answer is data. Should a browser be led to show it as a page, nothing in it runs.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def add(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice middleware: add the headers that the answer does not have yet."""
    response = get_response(request)
    response.headers = {**ON_EVERY_ANSWER, **response.headers}
    return response
