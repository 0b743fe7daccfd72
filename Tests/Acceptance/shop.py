"""A brand with people it may write to, set up over the API."""

import json
import re
import time

from acceptance import request

SCOPES = [
    "events:write", "events:read", "profiles:read", "profiles:write", "segments:read", "segments:write",
    "journeys:read", "journeys:write", "messages:read", "messages:write", "jobs:read",
]
BROWSER = {"User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"}
OPEN_POLICY = {
    "needs_consent": True, "caps": [], "quiet_from": 0, "quiet_to": 0, "quiet_drops": False,
    "topics": [{"code": "offers", "names": {"en": "Offers"}}, {"code": "news", "names": {"en": "News"}}],
    "tracks_opens": True, "tracks_clicks": True, "tracking_needs_consent": False, "adds_utm": True, "expiry_days": 3,
    "approval_above": 0,
}


class Shop:
    def __init__(self, server, scopes=SCOPES):
        self.server = server
        secret = server.command("keys", "api", "Shop", *(part for scope in scopes for part in ("--scope", scope)))
        self.headers = {"Authorization": "Bearer " + next(word for word in secret.split() if word.startswith("pk_"))}

    def call(self, method, path, body=None, expected=(200, 201, 202)):
        status, _, answer = request(method, self.server.url + path, body, self.headers)
        if status not in expected:
            raise RuntimeError(f"{method} {path}: {status} {answer[:500]}")
        return json.loads(answer)

    def insist(self, method, path, body=None):
        """The answer, however often the server dies meanwhile; for what may be asked twice."""
        for _ in range(1200):
            try:
                status, _, answer = request(method, self.server.url + path, body, self.headers, timeout=20)
                if status < 500:
                    return status, json.loads(answer)
            except (OSError, ValueError):
                pass
            except Exception as error:  # noqa: BLE001: an answer cut off in the middle
                if type(error).__module__ != "http.client":
                    raise
            time.sleep(0.05)
        raise RuntimeError(f"no answer to {path}")

    def pages(self, path):
        """Everything of a list."""
        found, cursor = [], None
        while True:
            sign = "&" if "?" in path else "?"
            page = self.call("GET", f"{path}{sign}limit=100" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return found

    def people(self, addresses, traits=lambda number: {}):
        """One person for each address, who agreed to mail. Returns their ids by address."""
        for start in range(0, len(addresses), 100):
            self.call("POST", "/api/v1/events", [
                {"type": "identify", "messageId": f"person-{address}", "userId": address,
                 "traits": {"email": address, "email_verified": True, "name": address, "email_consent": True,
                            **traits(start + number)}}
                for number, address in enumerate(addresses[start:start + 100])])
        wanted, found = set(addresses), {}
        for _ in range(600):
            found = {one["display_name"]: one["id"] for one in self.pages("/api/v1/profiles")
                     if one["display_name"] in wanted}
            if len(found) == len(wanted):
                return found
            time.sleep(0.2)
        raise RuntimeError(f"only {len(found)} of {len(wanted)} people came")

    def template(self, name, subject, blocks, topic="offers", **more):
        """Published. Returns its id."""
        made = self.call("POST", "/api/v1/templates", {
            "name": name, "channel": "email", "topic": topic, **more,
            "content": {"variants": [{"name": "A", "weight": 1, "subject": subject, "preheader": "",
                                      "blocks": blocks + [{"kind": "footer", "text": "The brand"}]}]}})
        self.call("POST", f"/api/v1/templates/{made['id']}/versions")
        return made["id"]

    def send(self, key, profile, template, **more):
        return self.call(
            "POST", "/api/v1/messages", {"key": key, "profile_id": profile, "template_id": template, **more})["id"]

    def message(self, identifier):
        return self.call("GET", f"/api/v1/messages/{identifier}")

    def until(self, identifier, test, seconds=20):
        """The message, once it is as `test` wants it, or as it is after so long."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.message(identifier)
            if test(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def segment(self, name, ids):
        made = self.call("POST", "/api/v1/segments", {"name": name, "kind": "static"})["id"]
        for start in range(0, len(ids), 100):
            self.call("POST", f"/api/v1/segments/{made}/members", {"profile_ids": ids[start:start + 100]})
        return made

    def broadcast(self, name, segment, template, **more):
        """Started."""
        made = self.call("POST", "/api/v1/broadcasts", {
            "name": name, "segment_id": segment, "template_id": template, **more})["id"]
        self.call("POST", f"/api/v1/broadcasts/{made}/starts")
        return made

    def settled(self, broadcast, seconds=60):
        """The report, once nothing of it waits any more."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.call("GET", f"/api/v1/broadcasts/{broadcast}")
            report = self.call("GET", f"/api/v1/broadcasts/{broadcast}/report")
            waiting = report["states"].get("planned", 0) + report["states"].get("sending", 0)
            if (status["status"] != "planning" and not waiting) or time.monotonic() > deadline:
                return report
            time.sleep(0.1)


def links(letter):
    """Addresses in a letter's HTML: what is clicked, what tells that it was opened, where one leaves."""
    import email
    import email.policy

    page = email.message_from_bytes(letter.content, policy=email.policy.default).get_body(("html",)).get_content()
    return {
        "clicks": [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*/o/[^"]+)"', page)],
        "opens": re.findall(r'src="([^"]*/o/[^"]+\.gif)"', page),
        "leave": re.findall(r'href="([^"]*/u/[^"]+)"', page),
    }
