"""An HTTPS server with recorded responses of DynamoDB, in a child process that is not measured."""

import contextlib
import json
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.events import ITEM, MENU


def _recorded_response(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    if request["TableName"] == "shops":
        has_menu = request["Key"]["vendorid"] == MENU["vendorid"]
        return {"Item": MENU} if has_menu else {}
    if request.get("Select") == "COUNT":
        return {"Count": 3, "ScannedCount": 3}
    if operation == "Query":  # a page of the list that is not the last
        return {"Items": [ITEM] * request["Limit"], "LastEvaluatedKey": ITEM}
    return {"Item": ITEM} if operation == "GetItem" else {}


@contextlib.contextmanager
def table_server(certificate: Path) -> Iterator[str]:
    """Serve the tables until the block ends; yield their URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # send head and body in one packet

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            content = _recorded_response(operation, request)
            body = json.dumps(content, separators=(",", ":")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amzn-RequestId", "0VHJ1OBLSUO3QK4D9SI9N5CT1BVV4KQNSO5AEMVJF66Q9ASU")
            self.send_header("x-amz-crc32", str(zlib.crc32(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        child = get_context("fork").Process(target=server.serve_forever, daemon=True)
        child.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}"
        finally:
            child.terminate()
            child.join()


def make_certificate(file: Path) -> str:
    """Write a key and a certificate for one day to `file`; return the certificate in PEM."""
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=table"
    address = "-addext subjectAltName=IP:127.0.0.1 -keyout"
    command = ["openssl", *options.split(), *address.split(), str(file)]
    certificate = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    file.write_text(file.read_text() + certificate)
    return certificate
