"""A signed-in visitor of the console without a browser, for figures on its pages."""

import html
import http.cookiejar
import re
import urllib.parse
import urllib.request


class Visitor:
    def __init__(self, server):
        self.url = server.url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.opener.addheaders = [("Accept-Language", "en")]
        link = server.command("users", "link", "admin@localhost").split()[-1]
        form = self._open(link)
        token = re.search(r'name="csrf" value="([^"]+)"', form)[1]
        self._open(link, urllib.parse.urlencode({"csrf": token, "later": "1"}).encode())

    def _open(self, address, body=None):
        with self.opener.open(address, body, timeout=60) as answer:
            return answer.read().decode()

    def open(self, path):
        """The markup of a page or panel."""
        return self._open(self.url + path)

    def rows(self, path):
        """The rows of every table of a page or panel, as lists of the cells' texts."""
        page = self.open(path)
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.S)
        return [[_text(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)] for row in rows]

    def words(self, path):
        """Everything that can be read on a page or panel, as one text."""
        return _text(self.open(path))


def _text(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())
