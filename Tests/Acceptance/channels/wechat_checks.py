"""A WeChat official account through a real server: set up over the API, tokens, the three kinds of messages, every error that is
described, calls in the clear and encrypted, receipts, the menu."""

import json
import time

import wechat
from acceptance import PORT, request
from side import CUT, DEAF, GARBAGE, until

SCOPES = ["events:write", "profiles:read", "messages:read", "messages:write", "sources:read", "sources:write"]
# What CHANNELS say of errors: again later, never again to this person, nothing more by the account or of the template, elsewhere.
ERRORS = {-1: "retry", 45011: "retry", 45009: "retry", 43004: "suppress", 43101: "suppress", 40003: "suppress",
          40037: "template", 47003: "template", 48001: "account", 45015: "refuse"}


class Brand:
    """The brand's own systems, over the API."""

    def __init__(self, server, name):
        self.server = server
        scopes = (part for scope in SCOPES for part in ("--scope", scope))
        secret = server.command("keys", "api", name, *scopes)
        self.headers = {"Authorization": "Bearer " + next(word for word in secret.split() if word.startswith("pk_"))}
        self.name = name
        self.people = {}
        self.count = 0

    def call(self, method, path, body=None, expected=(200, 201, 202)):
        status, _, answer = request(method, self.server.url + path, body, self.headers)
        if expected and status not in expected:
            raise RuntimeError(f"{method} {path}: {status} {answer[:500]}")
        return json.loads(answer)

    def provider(self, name, **draft):
        found = self.call("PUT", f"/api/v1/message-providers/{name}", {"enabled": True, **draft})
        return self.server.url + found["receipts_path"]

    def closed(self, name):
        return [gate["scope"] for gate in self.call("GET", f"/api/v1/message-providers/{name}")["closed"]]

    def open(self, name):
        self.call("POST", f"/api/v1/message-providers/{name}/openings")

    def template(self, channel, **variant):
        self.count += 1
        made = self.call("POST", "/api/v1/templates", {
            "name": f"{self.name} {self.count}", "channel": channel, "content": {"variants": [variant]}})
        self.call("POST", f"/api/v1/templates/{made['id']}/versions")
        return made["id"]

    def gather(self, kind, values):
        """People by an identity of theirs."""
        self.call("POST", "/api/v1/events", [
            {"type": "identify", "messageId": f"{self.name}{value}", "userId": f"{self.name}-{value}",
             "identities": {kind: value}} for value in values])
        for value in values:
            def one(value=value):
                found = self.call("GET", f"/api/v1/profiles?search={self.name}-{value.replace(':', '%3A')}&limit=2")["items"]
                return found[0]["id"] if len(found) == 1 else None
            self.people[value] = until(one)
            if not self.people[value]:
                raise RuntimeError(f"nobody is {value}")

    def send(self, template, person, transactional=True, **more):
        self.count += 1
        return self.call("POST", "/api/v1/messages", {
            "key": f"{self.name}{self.count}", "profile_id": self.people[person], "template_id": template,
            "transactional": transactional, "values": {"code": f"C{self.count}"}, **more})["id"]

    def message(self, message):
        return self.call("GET", f"/api/v1/messages/{message}")

    def settled(self, message, *states, reason=None, seconds=20):
        def look():
            found = self.message(message)
            return found if found["state"] in states and (reason is None or found["reason"] == reason) else None
        return until(look, seconds) or self.message(message)

    def suppressed(self, address):
        return self.call("GET", f"/api/v1/suppressions?search={address}")["items"]

    def events(self, person, name):
        found = self.call("GET", f"/api/v1/profiles/{self.people[person]}/events?limit=100", expected=None)
        return [event for event in found.get("items", []) if event.get("name") == name]


def person(index):
    return f"oPerson-{index:04d}_abcdef"


def check(checks, server):
    side = wechat.WeChat(PORT + 5)
    try:
        wechat.genuine(side)
        checks.equal("wechatpy itself is taken by the stand-in", side.flaws, [])
        brand = Brand(server, "wechat")
        url = set_up(checks, brand, side)
        openids = [person(index) for index in range(20)]
        brand.gather("wechat_openid", [f"{side.app}:{openid}" for openid in openids])
        brand.people.update({openid: brand.people[f"{side.app}:{openid}"] for openid in openids})
        made = {name: brand.template("wechat", link="https://shop.example/o", provider={
            "provider": "wechat_official", "code": name, "text": "{{thing1.DATA}}\n{{character_string2.DATA}}",
            "parameters": [{"name": "thing1", "value": "{{ event.code }}"}, {"name": "character_string2", "value": "N1"}]})
            for name in ("TPL1", "TPL2", "TPL3")}
        delivered(checks, brand, side, made, url, openids[:3])
        errors(checks, brand, side, made, openids[3:14])
        kinds(checks, brand, side, url, openids[14:16])
        calls(checks, brand, side, url, openids[16])
        menu(checks, brand, side)
        checks.equal("every request was as it has to be (wechat)", side.flaws, [])
        ids = [message["id"] for message in side.taken]
        checks.equal("no message was taken twice (wechat)", len(ids), len(set(ids)))
    finally:
        side.close()


def set_up(checks, brand, side):
    account = {"base_url": side.url, "values": {"app_id": side.app}}
    brand.provider("wechat_official", secrets={"app_secret": "wrong"}, **account)
    told = brand.call("POST", "/api/v1/message-providers/wechat_official/checks", expected=None)
    checks.check("a wrong secret is told as WeChat tells it", "40125" in json.dumps(told), told)
    url = brand.provider("wechat_official", secrets={"app_secret": side.secret, "callback_token": side.callback_token})
    facts = brand.call("POST", "/api/v1/message-providers/wechat_official/checks")["facts"]
    checks.equal("the account is known, with its quota", (facts["followers"], facts["template_quota"]), ("3", "7 / 100000"))
    found = brand.call("PUT", "/api/v1/message-providers/wechat_official/templates")["items"]
    checks.equal("its templates are fetched", sorted(one["code"] for one in found), ["SUB1"] + [f"TPL{n}" for n in range(1, 6)])
    return url


def delivered(checks, brand, side, made, url, openids):
    asked = len(side.asked)
    ids = [brand.send(made["TPL1"], openid) for openid in openids]
    checks.equal("template messages are sent", {brand.settled(one, "sent")["state"] for one in ids}, {"sent"})
    checks.check("with one token for all", len(side.asked) - asked <= 1, side.asked)
    for one, openid in zip(ids, openids):
        message = side.to(openid)[0]
        checks.check("with its value and a link that is followed", message["data"]["thing1"]["value"].startswith("C")
                     and message["url"].startswith(brand.server.url + "/o/"), message)
        event = side.xml(openid, event="TEMPLATESENDJOBFINISH", MsgID=message["msgid"], Status="success")
        for _ in range(2):
            query, body = side.plain(event)
            checks.equal("a receipt is answered", request("POST", url + query, body)[2], b"success")
        checks.equal("and applied", brand.settled(one, "delivered")["state"], "delivered")
    side.expire()
    one = brand.send(made["TPL1"], openids[0])
    checks.equal("a token that is over is renewed", brand.settled(one, "sent")["state"], "sent")
    checks.check("without force", side.asked[-1] is False, side.asked)


def errors(checks, brand, side, made, openids):
    for (code, word), openid in zip(ERRORS.items(), openids):
        template = made["TPL2"]
        side.plan[openid] = [code]
        one = brand.send(template, openid)
        if word == "retry":
            found = brand.settled(one, "planned", reason="deferred")
            checks.check(f"{code}: again later", found["reason"] == "deferred" and str(code) in found["detail"], found)
        elif word in ("suppress", "refuse"):
            found = brand.settled(one, "bounced")
            checks.equal(f"{code}: {word}", (found["state"], len(brand.suppressed(openid.lower()))), ("bounced", int(word == "suppress")))
        else:
            scope = "wechat@wechat_official" if word == "account" else f"template:{template}"
            found = until(lambda scope=scope: scope in brand.closed("wechat_official"))
            checks.check(f"{code}: the {word} is paused", found, brand.closed("wechat_official"))
            brand.open("wechat_official")
    openid = openids[-1]
    side.plan[openid] = [CUT]
    one = brand.send(made["TPL3"], openid)
    checks.equal("no clear answer is unknown", brand.settled(one, "unknown")["state"], "unknown")
    side.plan[openid] = [GARBAGE]
    one = brand.send(made["TPL3"], openid)
    checks.equal("neither is one that nobody can read", brand.settled(one, "unknown")["state"], "unknown")
    side.plan[openid] = [DEAF]
    time.sleep(0.1)


def kinds(checks, brand, side, url, openids):
    words = brand.template("wechat", body="Hi {{ event.code }}")
    one = brand.send(words, openids[0])
    checks.equal("words of our own are sent", brand.settled(one, "sent")["state"], "sent")
    checks.check("by customer service", side.to(openids[0])[0]["body"]["content"].startswith("Hi C"), side.to(openids[0]))
    card = brand.template("wechat", subject="News", body="Look", link="https://shop.example/n")
    two = brand.send(card, openids[0])
    brand.settled(two, "sent")
    checks.equal("with a title and a link it is a card", side.to(openids[0])[1]["kind"], "news")
    subscription = brand.template("wechat", provider={
        "provider": "wechat_official", "code": "SUB1", "text": "{{thing1.DATA}}",
        "parameters": [{"name": "thing1", "value": "{{ event.code }}"}]})
    three = brand.send(subscription, openids[1])
    brand.settled(three, "sent")
    checks.equal("a subscription template is sent as one", side.to(openids[1])[0]["kind"], "subscription")
    told = side.xml(openids[1], event="subscribe_msg_sent_event").replace("</xml>", (
        "<SubscribeMsgSentEvent><List><TemplateId><![CDATA[SUB1]]></TemplateId><MsgID>1700827132819554304</MsgID>"
        "<ErrorCode>0</ErrorCode><ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent></xml>"))
    query, body = side.plain(told)
    checks.equal("what became of it is answered", request("POST", url + query, body)[2], b"success")
    checks.equal("and finds it without a name", brand.settled(three, "delivered")["state"], "delivered")
    inbox = brand.template("inbox", subject="Hi", body="Hello")
    side.plan[openids[1]] = [45015]
    four = brand.send(words, openids[1], fallbacks=[inbox])
    found = brand.settled(four, "delivered")
    checks.equal("a closed window goes on by the next channel", (found["channel"], found["state"]), ("inbox", "delivered"))
    hops = brand.call("GET", f"/api/v1/messages/{four}/hops")["items"]
    checks.equal("and says why", [hop["reason"] for hop in hops], ["window_closed"])


def calls(checks, brand, side, url, openid):
    query, _ = side.plain("")
    checks.equal("a look at the address is answered", request("GET", url + query + "&echostr=1234567890")[2], b"1234567890")
    for label, (query, body) in {
        "another token": side.plain(side.xml(openid, event="subscribe"), token="x"),
        "an old call": side.plain(side.xml(openid, event="subscribe"), at=int(time.time()) - 3600),
        "another key": side.sealed(side.xml(openid, event="subscribe"), key="z" * 43),
    }.items():
        checks.equal(f"{label} is refused", request("POST", url + query, body)[0], 404)
    brand.provider("wechat_official", secrets={"encoding_aes_key": side.aes_key})
    checks.equal("with a key nothing in the clear is believed",
                 request("POST", url + side.plain(side.xml(openid, event="subscribe"))[0],
                         side.plain(side.xml(openid, event="subscribe"))[1])[0], 404)
    checks.equal("nor what is for another account",
                 request("POST", url + side.sealed(side.xml(openid, event="subscribe"), app="wxother")[0],
                         side.sealed(side.xml(openid, event="subscribe"), app="wxother")[1])[0], 404)
    told = [side.xml(openid, event="subscribe", EventKey="qrscene_shop7"), side.xml(openid, event="CLICK", EventKey="POINTS"),
            side.xml(openid, event="SCAN", EventKey="shop8"), side.xml(openid, "text", Content="hello", MsgId=int(time.time() * 1000)),
            side.xml(openid, event="unsubscribe", EventKey="")]
    for text in told:
        query, body = side.sealed(text)
        checks.equal("what wechatpy encrypts is taken", request("POST", url + query, body)[0], 200)
    for name in ("WeChat Followed", "WeChat Menu Used", "WeChat Code Scanned", "WeChat Message Received", "WeChat Unfollowed"):
        checks.check(f"“{name}” is in the log", until(lambda name=name: brand.events(openid, name)), name)
    words = brand.template("wechat", body="Hi")
    found = brand.settled(brand.send(words, openid, transactional=False), "suppressed")
    checks.equal("who left is written to no more", found["reason"], "consent_refused")


def menu(checks, brand, side):
    checks.equal("there is no menu yet", brand.call("GET", "/api/v1/wechat/menu")["buttons"], [])
    buttons = [{"name": "积分", "kind": "click", "key": "POINTS"},
               {"name": "更多", "kind": "group", "buttons": [{"name": "商城", "kind": "view", "url": "https://shop.example"}]}]
    brand.call("PUT", "/api/v1/wechat/menu", {"buttons": buttons})
    checks.equal("a menu is published", [one["name"] for one in side.menu["button"]], ["积分", "更多"])
    found = brand.call("GET", "/api/v1/wechat/menu")["buttons"]
    checks.equal("and read again", [(one["name"], one["kind"]) for one in found], [("积分", "click"), ("更多", "group")])
    told = brand.call("PUT", "/api/v1/wechat/menu", {"buttons": [{"name": "x" * 17, "kind": "click", "key": "k"}]}, expected=None)
    checks.equal("a name that is too long is refused", told.get("code"), "bad_field")
