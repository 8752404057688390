"""Serves the log view by itself, with a log of 100,000 lines, and prints what the page measured.

serve.py ROOT: the first line out is the port, the second the page's figures: "log empty wrapped", frames per second each.
"""
import http.server
import json
import pathlib
import sys

ROOT = pathlib.Path(sys.argv[1])
HERE = pathlib.Path(__file__).parent
DASHBOARD = ROOT / "web/Paas.Dashboard"
LINES = 100_000
# What PageHeaders.cs says of the dashboard's own pages.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; connect-src 'self'"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def line(number):
    text = f"\x1b[3{number % 8}m{'GET' if number % 3 else 'POST'}\x1b[0m /items/{number} \x1b[1m{200 + number % 4}\x1b[22m in {number % 97} ms " + "x" * (number % 120)
    return {"id": f"v1.web.{1 + number % 4}:1:{number}:8de", "at": "2026-01-01T12:00:00Z", "source": f"web.{1 + number % 4}", "release": 1, "error": number % 50 == 0, "text": text}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/logs":
            events = "".join(f"id: {number}\nevent: line\ndata: {json.dumps(line(number))}\n\n" for number in range(LINES))
            # Without a length: it stays open like a log that is followed.
            self.head("text/event-stream", None)
            self.wfile.write(events.encode())
            self.rfile.read(1)
        elif path == "/logview.css":
            css = (DASHBOARD / "wwwroot/assets/tokens.css").read_text() + (DASHBOARD / "Controls/LogView.razor.css").read_text().replace(" ::deep", "")
            self.answer(css.encode(), "text/css")
        else:
            file = DASHBOARD / "wwwroot" / path[1:] if path.startswith("/assets/") else HERE / path[1:]
            if ".." in path or not file.is_file():
                self.send_error(404)
            else:
                self.answer(file.read_bytes(), TYPES.get(file.suffix, "text/plain"))

    def do_POST(self):
        print(self.rfile.read(int(self.headers["Content-Length"])).decode(), flush=True)
        self.answer(b"", "text/plain")

    def head(self, content_type, length):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Security-Policy", POLICY)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def answer(self, body, content_type):
        self.head(content_type, len(body))
        self.wfile.write(body)

    def log_message(self, *_):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
