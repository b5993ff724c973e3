"""A page that greets who knows the token. A notebook would stand here."""

import hmac
import http.server
import os
import urllib.parse

TOKEN = os.environ["TOKEN"].strip()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        given = urllib.parse.parse_qs(url.query).get("token", [""])[0]
        if url.path == "/health":
            self.answer(200, "ready\n")
        elif hmac.compare_digest(given, TOKEN):
            self.answer(200, "welcome\n")
        else:
            self.answer(403, "add ?token=...\n")

    def answer(self, code, text):
        body = text.encode()
        self.send_response(code)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass  # Whoever only asks whether it is ready does not wait for the text.

    # The query holds the token, and the log is kept.
    def log_request(self, code="-", size="-"):
        print(self.command, urllib.parse.urlsplit(self.path).path, code, flush=True)


print("listening on 8888", flush=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 8888), Page).serve_forever()
