#!/usr/bin/env python3
"""An order system of old: `python3 backend.py [PORT]`, on 127.0.0.1, port 9002 by default (0 takes a free one)."""

import base64
import json
import struct
import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PRICES = {"TEA": 499, "CUP": 1250, "POT": 3900}
ORDERS = {}
SEEN = {}


def book(customer, lines, channel):
    number = str(1001 + len(ORDERS))
    ORDERS[number] = {
        "ORD_NO": number,
        "REV": 1,
        "CUST_NM": customer,
        "STAT_CD": "N",
        "CHANNEL": channel,
        "LINES": [{"ART": line["ART"], "QTY": line["QTY"], "CENTS": PRICES[line["ART"]]} for line in lines],
        "INT_NOTE": "margin 40 %",
    }
    return ORDERS[number]


book("ada", [{"ART": "TEA", "QTY": 2}, {"ART": "CUP", "QTY": 1}], "SHOP")
book("grace", [{"ART": "POT", "QTY": 1}], "SHOP")
book("ada", [{"ART": "CUP", "QTY": 6}], "MAIL")


class OrderSystem(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if self.headers.get("X-Tenant") != "TEASHOP":
            return self.answer(403, {"ERR": 4, "TXT": "BAD TENANT"})
        if url.path == "/legacy/ORDERS":
            found = [order for order in ORDERS.values() if order["CUST_NM"] == query.get("CUST_NM")]
            return self.answer(200, {"ROWS": found[: int(query["MAX"])]})
        name = url.path.removeprefix("/legacy/ORDERS/").removesuffix("/LABEL")
        order = ORDERS.get(name)
        if order is None:
            return self.answer(404, {"ERR": 17, "TXT": f"ORD_NO {name} NOT ON FILE"})
        if url.path.endswith("/LABEL"):
            return self.answer(200, base64.b64encode(label(name)), "text/plain")
        return self.answer(200, order, revision=order["REV"])

    def do_POST(self):
        form = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if form.keys() != {"CUST_NM", "CHANNEL", "LINES"}:
            return self.answer(400, {"ERR": 9, "TXT": "UNKNOWN FIELD"})
        if any(line["ART"] not in PRICES for line in form["LINES"]):
            return self.answer(422, {"ERR": 21, "TXT": "ART NOT ON FILE"})
        key = self.headers.get("X-Dedup")
        if key not in SEEN:
            SEEN[key] = book(form["CUST_NM"], form["LINES"], form["CHANNEL"])
        return self.answer(200, SEEN[key])

    def answer(self, status, value, kind="application/json", revision=None):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if revision is not None:
            self.send_header("X-Revision", f'"{revision}"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def label(number):
    """A bar code as a PNG: a row of black and white, one bit a pixel."""
    row = b"\0" + bytes(int(digit) * 17 for digit in number)
    rows = zlib.compress(row * 16, level=0)
    head = struct.pack(">IIBBBBB", 8 * len(number), 16, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    written = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9002), OrderSystem)
    print(f"backend on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
