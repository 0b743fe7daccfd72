"""An OpenID Connect provider on loopback, strict about what it is asked, with faults on demand."""

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

# What the provider does wrong, and the words with which the console tells it.
FAULTS = {
    "denied": "access_denied",
    "nonce": "(nonce)",
    "issuer": "(iss)",
    "audience": "(aud)",
    "expired": "(exp)",
    "signature": "(signature)",
    "unverified": "did not confirm an email",
    "domain": "elsewhere.com may not sign in",
    "token error": "invalid_grant",
    "not json": "does not answer as it should",
    "redirects": "does not answer as it should",
    "state": "begun too long ago",
}


def _b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    def __init__(self, redirect):
        self.redirect = redirect
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.fault = None
        self.complaints = []
        self.codes = {}

    def __enter__(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.get(self)

            def do_POST(self):
                provider.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def expect(self, what, good):
        if not good:
            self.complaints.append(what)

    def send(self, handler, status, body=b"", **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def json(self, handler, value, status=200):
        self.send(handler, status, json.dumps(value).encode(), Content_Type="application/json")

    def get(self, handler):
        parts = urlsplit(handler.path)
        if parts.path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
            self.json(handler, {"issuer": self.issuer, **{name: self.issuer + path for name, path in names.items()}})
        elif parts.path == "/keys":
            numbers = self.key.public_key().public_numbers()
            n, e = (_b64(one.to_bytes((one.bit_length() + 7) // 8, "big")) for one in (numbers.n, numbers.e))
            self.json(handler, {"keys": [{"kty": "RSA", "use": "sig", "kid": "k", "n": n, "e": e}]})
        elif parts.path == "/auth":
            self.authorize(handler, {name: values[0] for name, values in parse_qs(parts.query).items()})
        else:
            self.send(handler, 404)

    def authorize(self, handler, asked):
        self.expect("response_type", asked.get("response_type") == "code")
        self.expect("client_id", asked.get("client_id") == "perennial")
        self.expect("redirect_uri", asked.get("redirect_uri") == self.redirect)
        self.expect("scope", set(asked.get("scope", "").split()) == {"openid", "email", "profile"})
        self.expect("challenge", asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43)
        self.expect("state and nonce", len(asked.get("state", "")) >= 32 and len(asked.get("nonce", "")) >= 32)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"state": asked.get("state"), "code": code, "iss": self.issuer}
        if self.fault == "denied":
            back = {"state": asked.get("state"), "error": "access_denied"}
        if self.fault == "state":
            back["state"] = secrets.token_urlsafe(32)
        self.send(handler, 302, Location=self.redirect + "?" + urlencode(back))

    def post(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(form.get("code"), None)
        basic = "Basic " + base64.b64encode(b"perennial:s3cret").decode()
        verifier = form.get("code_verifier", "")
        challenge = _b64(hashlib.sha256(verifier.encode()).digest())
        good = (
            asked is not None and form.get("grant_type") == "authorization_code" and handler.headers["Authorization"] == basic
            and form.get("redirect_uri") == self.redirect and challenge == asked["code_challenge"] and len(verifier) >= 43
        )
        self.expect("token request", good)
        if not good or self.fault == "token error":
            return self.json(handler, {"error": "invalid_grant"}, 400)
        if self.fault == "not json":
            return self.send(handler, 200, b"<html>")
        if self.fault == "redirects":
            return self.send(handler, 302, Location=self.issuer + "/keys")
        self.json(handler, {"access_token": "a", "token_type": "Bearer", "id_token": self.token(asked["nonce"])})

    def token(self, nonce):
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "perennial", "sub": "1", "iat": now, "exp": now + 300, "nonce": nonce,
            "email": "sso@example.com", "email_verified": True, "name": "Sign On",
        }
        claims |= {
            "nonce": {"nonce": "other"}, "issuer": {"iss": "https://evil.example.com"}, "audience": {"aud": "other"},
            "expired": {"exp": now - 3600}, "unverified": {"email_verified": False}, "domain": {"email": "sso@elsewhere.com"},
        }.get(self.fault, {})
        key = self.other if self.fault == "signature" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k"})
