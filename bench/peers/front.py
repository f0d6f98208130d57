#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""front.py PORT CERTIFICATE KEY: TLS and gzip before the fake Spotify at that port, as the real one has them.

Prints the port it listens on. GET /_front tells, a line a client: its name, how many connections it asked for
plays on, and how many times it asked.
"""

import gzip
import http.client
import socketserver
import ssl
import sys
from http.server import BaseHTTPRequestHandler

LISTING = "/v1/me/player/recently-played"
connections = {}
polls = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.behind = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
        self.counted = False

    def count(self):
        # The client's name without its version.
        name = self.headers.get("User-Agent", "-").split("/")[0].split(" ")[0]
        polls[name] = polls.get(name, 0) + 1
        if not self.counted:
            connections[name] = connections.get(name, 0) + 1
            self.counted = True

    def ask(self):
        if self.path == "/_front":
            return 200, [], "".join(f"{k} {connections[k]} {polls[k]}\n" for k in list(polls)).encode()
        if self.path.startswith(LISTING):
            self.count()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding")}
        self.behind.request(self.command, self.path, body, headers)
        answer = self.behind.getresponse()
        return answer.status, [("Content-Type", answer.getheader("Content-Type"))], answer.read()

    def do_GET(self):
        status, headers, body = self.ask()
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 200:
            body = gzip.compress(body, 6, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        self.send_response(status)
        for name, value in headers:
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server = Server(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
