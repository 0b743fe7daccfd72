"""A shop of another origin with the tracker on its pages."""

import http.server
import threading
import urllib.parse

BODY = """
<h1 style="margin:0">Shop</h1>
<button id="buy" style="position:absolute;left:100px;top:100px;width:200px;height:50px">Buy <b>now</b></button>
<ul style="position:absolute;top:200px"><li><a href="#one">One</a></li><li><a href="#two">Two</a></li></ul>
<form id="join" style="position:absolute;top:300px" onsubmit="return false">
  <input name="mobile"><input name="name"><input type="password" name="secret"><button>Join</button></form>
<div style="height:4000px"></div>
"""


class Site:
    """Serves `/any/path?…`; what stands in the head is chosen by name (`head=`), the rest is the same."""

    def __init__(self, port, heads):
        self.url = f"http://127.0.0.1:{port}"
        site = self

        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                head = heads.get(query.get("head", ["plain"])[0], "")
                page = f"<!doctype html><html><head><title>{urllib.parse.urlsplit(self.path).path}</title>{head}</head>"
                body = (page + f"<body>{BODY}</body></html>").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        site.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Pages)
        threading.Thread(target=site.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
