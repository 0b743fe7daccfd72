"""Push services and browsers: every message is verified by py_vapid and decrypted by http_ece, which are not ours."""

import base64
import json
import os
import re
import time
from urllib.parse import urlparse

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from py_vapid.utils import b64urldecode
from side import CUT, DEAF, GARBAGE, Side, same, want


def text(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Browser:
    """One subscription, with the keys that stay in the browser."""

    def __init__(self, side, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.name = name
        self.endpoint = f"{side.url}/push/{name}"
        self.messages = []
        side.browsers[f"/push/{name}"] = self

    def json(self):
        point = self.key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": {"p256dh": text(point), "auth": text(self.secret)}}


class PushService(Side):
    def __init__(self, port):
        super().__init__(port)
        self.browsers = {}
        self.key = None
        self.subject = "mailto:push@brand.example"
        self.salts = set()

    def answer(self, request):
        same("method", request.method, "POST")
        same("query", request.query, "")
        headers, browser = request.headers, self.browsers.get(request.path)
        if browser is None:
            return 404, {}, b""
        same("content encoding", headers.get("content-encoding"), "aes128gcm")
        want(re.fullmatch(r"\d{1,7}", headers.get("ttl", "")), f"TTL {headers.get('ttl')!r}")
        want(headers.get("urgency") in ("very-low", "low", "normal", "high"), f"Urgency {headers.get('urgency')!r}")
        want(re.fullmatch(r"[\w-]{1,32}", headers.get("topic", "x")), f"Topic {headers.get('topic')!r}")
        self.check_sender(headers.get("authorization", ""))
        want(len(request.body) <= 4096, f"{len(request.body)} bytes")
        salt = request.body[:16]
        want(salt not in self.salts, "a salt is used twice")
        self.salts.add(salt)
        same("record size", int.from_bytes(request.body[16:20], "big"), 4096)
        plain = http_ece.decrypt(request.body, private_key=browser.key, auth_secret=browser.secret, version="aes128gcm")
        told = self.next(browser.name)
        if told in (CUT, DEAF, GARBAGE):
            return told if told != GARBAGE else 200, {}, b""
        if told:
            return told, {"Retry-After": "1"} if told == 429 else {}, b"told so"
        message = json.loads(plain)
        browser.messages.append(message)
        self.take({"to": browser.name, "message": message, "headers": headers, "bytes": len(request.body)})
        return 201, {"Location": f"{self.url}/m/{len(self.taken)}"}, b""

    def check_sender(self, authorization):
        found = re.fullmatch(r"vapid t=([\w-]+\.[\w-]+\.[\w-]+), k=([\w-]+)", authorization)
        want(found, f"authorization {authorization!r}")
        same("application server key", found[2], self.key)
        want(Vapid02.verify(authorization.replace(", ", ",")), "the token is not signed with that key")
        head, claims, _ = (json.loads(b64urldecode(part.encode())) if index < 2 else None
                           for index, part in enumerate(found[1].split(".")))
        same("head", head, {"typ": "JWT", "alg": "ES256"})
        same("audience", claims["aud"], "{0.scheme}://{0.netloc}".format(urlparse(self.url)))
        same("subject", claims["sub"], self.subject)
        want(0 < claims["exp"] - time.time() <= 24 * 3600, f"exp {claims['exp']}")

    def refusal(self, words):
        return 400, {}, words.encode()
