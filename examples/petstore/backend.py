#!/usr/bin/env python3
"""The pet store's backend: `python3 backend.py [PORT]`, on 127.0.0.1, port 9000 by default (0 takes a free one)."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PETS = [
    {"id": 1, "type": "dog", "price": 249.99},
    {"id": 2, "type": "cat", "price": 124.99},
    {"id": 3, "type": "fish", "price": 0.99},
]


class Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/petstore/pets":
            kind = parse_qs(url.query).get("type")
            return self.answer(200, [pet for pet in PETS if not kind or pet["type"] in kind])
        if url.path.startswith("/petstore/pets/"):
            name = url.path.rsplit("/", 1)[1]
            found = [pet for pet in PETS if str(pet["id"]) == name]
            return self.answer(200, found[0]) if found else self.answer(404, {"message": f"no pet {name}"})
        if url.path.startswith("/files/"):
            return self.answer(200, {"file": url.path.removeprefix("/files/"), "query": url.query})
        return self.answer(404, {"message": f"nothing at {url.path}"})

    def do_POST(self):
        try:
            pet = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            return self.answer(400, {"message": "the body is not JSON"})
        return self.answer(201, {"pet": pet, "message": "success"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Store)
    print(f"backend on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
