"""DynamoDB's side of HTTP, as little of it as there can be: for tables that stand in for it.

A table runs in a process of its own, so that none of its work is in anybody's figures.
"""

import json
import socketserver
import ssl
import zlib
from collections.abc import Callable
from typing import Any

Answer = Callable[[str, bytes], bytes]


def http(content: Any, status: int = 200) -> bytes:
    """Write an answer of DynamoDB's, checksum included."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return (
        b"HTTP/1.1 %d OK\r\n"
        b"Server: Server\r\n"
        b"Date: Sun, 01 Mar 2026 08:30:00 GMT\r\n"
        b"Content-Type: application/x-amz-json-1.0\r\n"
        b"Content-Length: %d\r\n"
        b"Connection: keep-alive\r\n"
        b"x-amzn-RequestId: 0VHJ1OBLSUO3QK4D9SI9N5CT1BVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
        b"x-amz-crc32: %d\r\n\r\n%s" % (status, len(body), zlib.crc32(body), body)
    )


def serve(port: int, answer: Answer, certificate: str | None = None) -> None:
    """Answer on this port until the process ends, by HTTPS where there is a certificate.

    `answer` takes an operation and its body.
    """

    class Connection(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while self.rfile.readline():
                length, operation = 0, ""
                while (line := self.rfile.readline()) not in {b"\r\n", b""}:
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                    elif name.lower() == b"x-amz-target":
                        operation = value.decode().strip().rpartition(".")[2]
                self.wfile.write(answer(operation, self.rfile.read(length)))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", port), Connection) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
