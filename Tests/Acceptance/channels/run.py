"""Text messages, WhatsApp and web push through a real server, against stand-ins that look at every byte: set up over the API, sent
to people, met with every error that the providers describe, told of by receipts in any order, and reconciled in the end."""

import json
import random
import re
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import aliyun  # noqa: E402
import push  # noqa: E402
import tencent  # noqa: E402
import wechat_checks  # noqa: E402
import wecom_checks  # noqa: E402
import whatsapp  # noqa: E402
from acceptance import PORT, Checks, Server, request  # noqa: E402
from side import CUT, DEAF, GARBAGE, until  # noqa: E402

SCOPES = ["events:write", "profiles:read", "messages:read", "messages:write", "sources:read", "sources:write"]
# What CHANNELS say of errors: again later, never again to this person, nothing more by the account or of the template.
ALIYUN = {
    "isp.SYSTEM_ERROR": "retry", "isv.BUSINESS_LIMIT_CONTROL": "retry", "isv.MOBILE_NUMBER_ILLEGAL": "suppress",
    "isv.OUT_OF_SERVICE": "account", "isv.AMOUNT_NOT_ENOUGH": "account", "isv.SMS_TEMPLATE_ILLEGAL": "template",
    "isv.INVALID_PARAMETERS": "refuse",
}
TENCENT = {
    "InternalError.OtherError": "retry", "InternalError.Timeout": "retry", "LimitExceeded.PhoneNumberOneHourLimit": "retry",
    "LimitExceeded.PhoneNumberDailyLimit": "retry", "FailedOperation.MarketingSendTimeConstraint": "retry",
    "FailedOperation.PhoneNumberInBlacklist": "suppress", "InvalidParameterValue.IncorrectPhoneNumber": "suppress",
    "FailedOperation.TemplateIncorrectOrUnapproved": "template", "FailedOperation.SignatureIncorrectOrUnapproved": "template",
    "FailedOperation.InsufficientBalanceInSmsPackage": "account", "FailedOperation.ContainSensitiveWord": "refuse",
}
WHATSAPP = {
    130429: "retry", 80007: "retry", 131056: "retry", 131049: "retry", 131050: "suppress", 131026: "once", 131031: "account",
    131042: "account", 368: "account", 131048: "account", 132001: "template", 131047: "refuse",
}


class Brand:
    """The brand's own systems, over the API."""

    def __init__(self, server):
        self.server = server
        scopes = (part for scope in SCOPES for part in ("--scope", scope))
        secret = server.command("keys", "api", "Channels", *scopes)
        self.headers = {"Authorization": "Bearer " + next(word for word in secret.split() if word.startswith("pk_"))}
        self.receipts = {}
        self.people = {}
        self.sent = {}

    def call(self, method, path, body=None, expected=(200, 201, 202)):
        status, _, answer = request(method, self.server.url + path, body, self.headers)
        if status not in expected:
            raise RuntimeError(f"{method} {path}: {status} {answer[:500]}")
        return json.loads(answer)

    def provider(self, name, **draft):
        found = self.call("PUT", f"/api/v1/message-providers/{name}", {"enabled": True, **draft})
        self.receipts[name] = self.server.url + found["receipts_path"]
        return found

    def closed(self, name):
        return [gate["scope"] for gate in self.call("GET", f"/api/v1/message-providers/{name}")["closed"]]

    def open(self, name):
        self.call("POST", f"/api/v1/message-providers/{name}/openings")

    def tell(self, name, body, headers=None, expected=200):
        """The provider tells us something; what we answer."""
        body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        status, _, answer = request("POST", self.receipts[name], body, headers or {"Content-Type": "application/json"})
        if status != expected:
            raise RuntimeError(f"receipts of {name}: {status} {answer[:300]}")
        return answer

    def gather(self, numbers):
        """People by telephone, who agree to be written to."""
        self.call("POST", "/api/v1/events", [
            {"type": "identify", "messageId": f"id{number}", "userId": f"u{number}",
             "traits": {"phone": number, "phone_verified": True, "sms_consent": True}} for number in numbers])
        found = {}
        for number in numbers:
            def one(number=number):
                found = self.call("GET", f"/api/v1/profiles?search={number.replace('+', '%2B')}&limit=2")["items"]
                return found[0]["id"] if len(found) == 1 else None
            found[number] = until(one)
            if not found[number]:
                raise RuntimeError(f"nobody has {number}")
            for channel in ("sms", "whatsapp"):
                self.call("POST", f"/api/v1/profiles/{found[number]}/message-consents",
                          {"channel": channel, "granted": True, "proof": "acceptance"})
        self.people.update(found)

    def template(self, name, channel, **variant):
        made = self.call("POST", "/api/v1/templates", {"name": name, "channel": channel, "content": {"variants": [variant]}})
        self.call("POST", f"/api/v1/templates/{made['id']}/versions")
        return made["id"]

    def send(self, template, number, transactional=True, **values):
        key = f"k{len(self.sent)}"
        found = self.call("POST", "/api/v1/messages", {
            "key": key, "profile_id": self.people[number], "template_id": template, "transactional": transactional,
            "values": values})
        self.sent[found["id"]] = number
        return found["id"]

    def message(self, message):
        return self.call("GET", f"/api/v1/messages/{message}")

    def settled(self, message, *states, reason=None):
        """The message, once it is in one of the states."""
        def look():
            found = self.message(message)
            return found if found["state"] in states and (reason is None or found["reason"] == reason) else None
        return until(look) or self.message(message)


def numbers(start, count):
    return [f"+8613{start}{index:07d}" for index in range(count)]


def signatures(checks, sides):
    """The SDKs themselves are taken by the stand-ins, so what the stand-ins take is what the real ones take."""
    checks.equal("Alibaba Cloud's own SDK is taken by the stand-in", aliyun.genuine(sides["aliyun"])["Code"], "OK")
    checks.equal("and Tencent Cloud's", tencent.genuine(sides["tencent"]), "Ok")
    for name in ("aliyun", "tencent"):
        checks.equal(f"without a flaw ({name})", sides[name].flaws, [])
        sides[name].taken.clear()


def set_up(checks, brand, sides):
    ali, ten, app, browser = sides["aliyun"], sides["tencent"], sides["whatsapp"], sides["push"]
    brand.provider(
        "aliyun_sms", base_url=ali.url, values={"access_key_id": ali.key_id, "signature": "常青"},
        secrets={"access_key_secret": "wrong"}, price_micro=45000)
    checks.check("a wrong secret is told as the provider tells it", b"SignatureDoesNotMatch" in request(
        "POST", brand.server.url + "/api/v1/message-providers/aliyun_sms/checks", None, brand.headers)[2])
    ali.flaws.clear()
    brand.provider("aliyun_sms", secrets={"access_key_secret": ali.secret})
    brand.provider(
        "tencent_sms", base_url=ten.url, price_micro=50000, secrets={"secret_key": ten.secret},
        values={"secret_id": ten.key_id, "sdk_app_id": ten.app, "region": ten.region, "signature": "常青"})
    brand.provider(
        "whatsapp_cloud", base_url=app.url, secrets={"access_token": app.token, "app_secret": app.secret},
        values={"phone_number_id": app.number, "business_account_id": app.account, "graph_version": app.version})
    brand.provider("web_push", values={"subject": browser.subject})
    facts = {name: brand.call("POST", f"/api/v1/message-providers/{name}/checks")["facts"]
             for name in ("aliyun_sms", "tencent_sms", "whatsapp_cloud", "web_push")}
    checks.equal("Alibaba Cloud tells what was sent today", facts["aliyun_sms"]["delivered_today"], "5")
    checks.equal("Tencent Cloud tells what is left", facts["tencent_sms"]["left"], "990")
    checks.equal("Meta tells the number's quality", facts["whatsapp_cloud"]["quality"], "GREEN")
    browser.key = facts["web_push"]["application_key"]
    for name, count in (("aliyun_sms", 62), ("tencent_sms", 122), ("whatsapp_cloud", 121)):
        found = brand.call("PUT", f"/api/v1/message-providers/{name}/templates")["items"]
        checks.equal(f"templates and signatures are fetched whole ({name})", len(found), count)
    for name, side in (("aliyun_sms", ali), ("tencent_sms", ten)):
        before = len(side.templates)
        brand.call("POST", f"/api/v1/message-providers/{name}/templates", {
            "name": "到账提醒", "text": "您的积分已到账", "category": "notice", "remark": "积分变动"})
        checks.equal(f"a template is handed in ({name})", len(side.templates), before + 1)
    hand_in(checks, brand, app)
    tried = brand.call("POST", "/api/v1/message-providers/aliyun_sms/trials", {
        "to": "139 0000 0001", "template": "SMS_1", "parameters": {"code": "TRY"}})
    checks.equal("a trial is taken", (tried["outcome"], ali.taken.pop()["text"]), ("sent", "您的优惠券TRY已到账"))
    refused = brand.call("POST", "/api/v1/message-providers/whatsapp_cloud/trials", {
        "to": "13900000001", "template": "paused", "language": "en_US", "parameters": {"1": "x"}})
    checks.equal("a trial that is refused says why", (refused["outcome"], "132015" in refused["detail"]), ("closed", True))


def hand_in(checks, brand, app):
    """A template of WhatsApp's waits, is refused, is approved; only then anything is made of it."""
    path = "/api/v1/message-providers/whatsapp_cloud/templates"
    draft = {"name": "parcel_here", "text": "Your parcel {{code}} is at {{place}} now.", "category": "notice",
             "language": "en_US", "examples": ["A17", "Shanghai"]}
    for wrong in ({"name": "到账"}, {"language": ""}, {"category": "verification"}, {"examples": ["A17"]}):
        status = request("POST", brand.server.url + path, {**draft, **wrong}, brand.headers)[0]
        checks.equal(f"not handed in with {wrong}", status, 422)
    brand.call("POST", path, draft)
    again = request("POST", brand.server.url + path, draft, brand.headers)[2]
    checks.check("handed in twice it is refused in Meta's words", b"already content" in again, again)
    told = app.templates[-1]
    parts = {"provider": "whatsapp_cloud", "code": "parcel_here", "language": "en_US", "text": draft["text"], "parameters": [
        {"name": "code", "value": "{{ event.code }}"}, {"name": "place", "value": "Shanghai"}]}
    for status, reason, wanted in (("PENDING", "NONE", ("waiting", "")), ("REJECTED", "INVALID_FORMAT", ("rejected", "INVALID_FORMAT")),
                                   ("APPROVED", "NONE", ("approved", ""))):
        told["status"], told["rejected_reason"] = status, reason
        kept = {one["code"]: one for one in brand.call("PUT", path)["items"]}["parcel_here"]
        checks.equal(f"{status} is read back", (kept["status"], kept["detail"]), wanted)
        made = brand.call("POST", "/api/v1/templates", {"name": f"Parcel {status}", "channel": "whatsapp", "content": {
            "variants": [{"name": "A", "weight": 1, "provider": parts}]}})["id"]
        answer = request("POST", f"{brand.server.url}/api/v1/templates/{made}/versions", {}, brand.headers)[0]
        checks.check(f"and {'lets' if status == 'APPROVED' else 'does not let'} a template be published",
                     (answer < 300) == (status == "APPROVED"), answer)
    app.templates.pop()


def templates(brand):
    made = {}
    for index in range(1, 5):
        made[f"aliyun{index}"] = brand.template(
            f"A{index}", "sms", provider={"provider": "aliyun_sms", "code": f"SMS_{index}", "text": "您的优惠券${code}已到账",
                                          "parameters": [{"name": "code", "value": "{{ event.code }}"}]})
        made[f"tencent{index}"] = brand.template(
            f"B{index}", "sms", provider={
                "provider": "tencent_sms", "code": f"{700 + index}", "text": "您的优惠券{1}，有效期{2}天",
                "parameters": [{"name": "1", "value": "{{ event.code }}"}, {"name": "2", "value": "7"}]})
        made[f"whatsapp{index}"] = brand.template(
            f"W{index}", "whatsapp", provider={
                "provider": "whatsapp_cloud", "code": f"t{index}", "language": "en_US", "text": "Your order {{1}} is ready",
                "parameters": [{"name": "1", "value": "{{ event.code }}"}, {"name": "button.0", "value": "o/{{ event.code }}"}]})
    made["words"] = brand.template("W", "whatsapp", body="Hi {{ event.code }}")
    made["push"] = brand.template(
        "P", "push", subject="Hi {{ event.code }}", body="It is here.", link="https://shop.example/x",
        provider={"options": {"urgency": "high", "ttl": "600", "topic": "order"}})
    return made


def plain(name, number):
    """A number as the provider is told it."""
    return {"aliyun": number[3:], "tencent": number, "whatsapp": number[1:]}[name]


def delivered(checks, brand, sides, made, people):
    """Messages that all goes well with: sent once, told of twice and in any order, with other threads telling too."""
    told = {}
    for name in ("aliyun", "tencent", "whatsapp"):
        ids = [brand.send(made[f"{name}1"], number, code=f"C{index}") for index, number in enumerate(people[name])]
        states = {brand.settled(one, "sent")["state"] for one in ids}
        side = sides[name]
        checks.equal(f"all are sent ({name})", (states, len(side.taken)), ({"sent"}, len(ids)))
        checks.check(f"with the values of each person ({name})",
                     {message["text"] for message in side.taken} and all(f"C{index}" in side.to(plain(name, number))[0]["text"]
                                                                        for index, number in enumerate(people[name])))
        told[name] = ids
    calls = []
    for name, provider in (("aliyun", "aliyun_sms"), ("tencent", "tencent_sms")):
        side = sides[name]
        for message in side.taken:
            report = side.report(message)
            calls += [(provider, [report]), (provider, [report, report])]
    for message in sides["whatsapp"].taken:
        for word in ("sent", "delivered", "read", "delivered"):
            calls.append(("whatsapp_cloud", {"statuses": [sides["whatsapp"].status(message, word)]}))
    random.Random(7).shuffle(calls)

    def tell(call):
        provider, body = call
        if provider == "whatsapp_cloud":
            return provider, brand.tell(provider, *sides["whatsapp"].signed(body))
        return provider, brand.tell(provider, body)

    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(tell, calls))
    checks.check("receipts are answered at once", time.monotonic() - begun < len(calls) * 0.1, f"{time.monotonic() - begun:.1f} s")
    for name, provider in (("aliyun", "aliyun_sms"), ("tencent", "tencent_sms")):
        found = {answer for one, answer in answers if one == provider}
        checks.equal(f"as the provider asks ({name})", [json.loads(answer) for answer in found], [sides[name].reports_answer])
        checks.equal(f"and applied ({name})", {brand.settled(one, "delivered")["state"] for one in told[name]}, {"delivered"})
    checks.equal("and applied (whatsapp)", {brand.settled(one, "opened")["state"] for one in told["whatsapp"]}, {"opened"})
    return told


def errors(checks, brand, sides, made, people):
    """Every error that is described, each to a person of its own."""
    table = [("aliyun", "aliyun_sms", code, word) for code, word in ALIYUN.items()]
    table += [("tencent", "tencent_sms", code, word) for code, word in TENCENT.items()]
    table += [("whatsapp", "whatsapp_cloud", code, word) for code, word in WHATSAPP.items()]
    again = []
    for index, (name, provider, code, word) in enumerate(table):
        number = people[index]
        side, template = sides[name], made[f"{name}2"]
        side.plan[plain(name, number)] = [code]
        one = brand.send(template, number, code="E")
        label = f"{code} ({name})"
        if word == "retry":
            found = brand.settled(one, "planned", reason="deferred")
            checks.check(f"{label}: again later", found["reason"] == "deferred" and str(code) in found["detail"], found)
            again.append(one)
        elif word in ("suppress", "refuse", "once"):
            found = brand.settled(one, "bounced")
            listed = brand.call("GET", f"/api/v1/suppressions?search={number.replace('+', '%2B')}")["items"]
            checks.equal(f"{label}: {word}", (found["state"], len(listed)), ("bounced", int(word == "suppress")))
        else:
            channel = "sms" if "sms" in provider else "whatsapp"
            scope = f"{channel}@{provider}" if word == "account" else f"template:{template}"
            found = until(lambda scope=scope, provider=provider: scope in brand.closed(provider))
            checks.check(f"{label}: the {word} is paused", found, brand.closed(provider))
            behind = brand.send(template, people[-1], code="B")
            time.sleep(0.6)
            taken = [message["id"] for message in side.taken]
            checks.equal(f"{label}: what comes behind waits", (brand.message(behind)["state"], behind in taken), ("planned", False))
            brand.open(provider)
    return again


def uncertain(checks, brand, sides, made, people):
    """Heard without a clear answer: never sent a second time, found again by its receipt."""
    for name, provider in (("aliyun", "aliyun_sms"), ("tencent", "tencent_sms"), ("whatsapp", "whatsapp_cloud")):
        side, (cut, garbage, deaf) = sides[name], people[name]
        side.plan[plain(name, cut)] = [CUT]
        side.plan[plain(name, garbage)] = [GARBAGE]
        ids = [brand.send(made[f"{name}3"], number, code="U") for number in (cut, garbage)]
        checks.equal(f"no clear answer is unknown ({name})", [brand.settled(one, "unknown")["state"] for one in ids], ["unknown"] * 2)
        checks.equal(f"and heard once ({name})", [len(side.to(plain(name, number))) for number in (cut, garbage)], [1, 1])
        if name == "tencent":
            continue  # Its receipts name a message by an id that only the answer told.
        message = side.to(plain(name, cut))[0]
        if name == "aliyun":
            brand.tell(provider, [side.report(message)])
        else:
            brand.tell(provider, *side.signed({"statuses": [side.status(message, "delivered")]}))
        checks.equal(f"until its receipt comes ({name})", brand.settled(ids[0], "delivered")["state"], "delivered")


def replies(checks, brand, sides, made, people):
    ali, ten, app = sides["aliyun"], sides["tencent"], sides["whatsapp"]
    one, two, three = people
    for _ in range(2):
        brand.tell("aliyun_sms", [ali.reply(one[3:], "TD", "s1"), ali.reply("13999999999", "退订", "s2")])
        brand.tell("tencent_sms", ten.reply(two, " 退订 ", 1457336869))
        brand.tell("whatsapp_cloud", *app.signed({"messages": [app.reply(three[1:], "STOP", "wamid.in1")]}))
    for number, template, name in ((one, "aliyun4", "aliyun"), (two, "tencent4", "tencent"), (three, "words", "whatsapp")):
        # A first message would come before quiet hours are asked about: consent is asked before.
        message = brand.settled(brand.send(made[template], number, transactional=False, code="S"), "suppressed")
        checks.equal(f"who wrote STOP is let be ({name})", message["reason"], "consent_refused")
    listed = brand.call("GET", "/api/v1/suppressions?search=%2B8613999999999")["items"]
    checks.equal("also who is known to nobody", [entry["reason"] for entry in listed], ["stop"])
    checks.equal("a reply of another is refused", request("POST", brand.receipts["whatsapp_cloud"], b"{}")[0], 404)
    checks.equal("a wrong address too", request("POST", brand.receipts["aliyun_sms"] + "0", b"[]")[0], 404)
    token = brand.receipts["whatsapp_cloud"].rsplit("/", 1)[1]
    query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    checks.equal("Meta's look at the address is answered", request("GET", brand.receipts["whatsapp_cloud"] + query + token)[2], b"1158201444")
    checks.equal("not with another token", request("GET", brand.receipts["whatsapp_cloud"] + query + "x")[0], 404)


def pushed(checks, brand, sides, made):
    side, server = sides["push"], brand.server
    source = brand.call("POST", "/api/v1/sources", {"name": "Site", "kind": "web"})
    key = re.search(r"wk_\w+", json.dumps(source))[0]
    told = request("GET", f"{server.url}/t/push/key?key={key}", headers={"Origin": "https://shop.example"})
    checks.equal("browsers are told the key", (json.loads(told[2])["key"], told[1]["Access-Control-Allow-Origin"]),
                 (side.key, "https://shop.example"))
    browsers = [push.Browser(side, name) for name in ("one", "two")]
    for browser in browsers:
        status = request("POST", f"{server.url}/t/push/subscriptions?key={key}", json.dumps(
            {"subscription": browser.json(), "anonymousId": "visitor-0001"}).encode(), {"Content-Type": "text/plain"})[0]
        checks.equal(f"a browser subscribes ({browser.name})", status, 200)
    brand.call("POST", "/api/v1/events", [
        {"type": "identify", "messageId": "p1", "userId": "pushed", "anonymousId": "visitor-0001", "traits": {"name": "Lin"}}])
    found = until(lambda: brand.call("GET", "/api/v1/profiles?search=pushed&limit=2")["items"])
    brand.people["pushed"] = found[0]["id"]
    one = brand.send(made["push"], "pushed", code="Lin")
    checks.equal("it is sent", brand.settled(one, "sent")["state"], "sent")
    checks.equal("each browser can read it", [browser.messages[0]["title"] for browser in browsers], ["Hi Lin"] * 2)
    message, headers = browsers[0].messages[0], side.taken[0]["headers"]
    checks.equal("with its headers", (headers["ttl"], headers["urgency"], headers["topic"]), ("600", "high", "order"))
    checks.equal("shown is delivered", (request("GET", message["shown"])[0], brand.settled(one, "delivered")["state"]), (204, "delivered"))

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    time.sleep(2.1)
    try:
        urllib.request.build_opener(Stay).open(urllib.request.Request(
            message["url"], headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"}))
        place = ""
    except urllib.error.HTTPError as answer:
        place = answer.headers["Location"]
    checks.check("its link leads on", place.startswith("https://shop.example/x?utm_source=perennial&utm_medium=push"), place)
    checks.equal("and a click is told", brand.settled(one, "clicked")["state"], "clicked")
    side.plan["one"] = [410]
    two = brand.send(made["push"], "pushed", code="2")
    brand.settled(two, "sent")
    three = brand.send(made["push"], "pushed", code="3")
    brand.settled(three, "sent")
    checks.equal("a browser that is gone is pushed to no more", [len(browser.messages) for browser in browsers], [1, 3])
    side.plan["two"] = [429]
    four = brand.send(made["push"], "pushed", code="4")
    checks.equal("one that is busy gets it when it asked for", brand.settled(four, "sent")["state"], "sent")
    side.plan["two"] = [403]
    brand.send(made["push"], "pushed", code="5")
    checks.check("a token that is refused pauses", until(lambda: brand.closed("web_push")), brand.closed("web_push"))
    brand.open("web_push")
    side.plan["two"] = [404]
    last = brand.settled(brand.send(made["push"], "pushed", code="6"), "bounced", "suppressed")
    checks.equal("without a browser it ends", last["reason"], "gone")
    none = brand.settled(brand.send(made["push"], "pushed", code="7"), "suppressed")
    checks.equal("and who has none has no address", none["reason"], "no_address")


def reconciled(checks, brand, sides, again):
    """Nothing was sent twice by us, whatever happened; what was put off for seconds has come."""
    checks.equal("what was put off for seconds has come", brand.settled(again[0], "sent")["state"], "sent")
    for name in ("aliyun", "tencent", "whatsapp"):
        ids = [message["id"] for message in sides[name].taken]
        checks.equal(f"no message was taken twice ({name})", len(ids), len(set(ids)))
        checks.equal(f"every request was as it has to be ({name})", sides[name].flaws, [])
    checks.equal("every push message too", sides["push"].flaws, [])
    checks.check("connections are kept open", sum(sides[name].connections for name in ("aliyun", "tencent", "whatsapp")) < 60,
                 [sides[name].connections for name in sides])
    sent = [brand.message(message) for message in brand.sent]
    taken = {message["id"] for name in ("aliyun", "tencent", "whatsapp") for message in sides[name].taken}
    lost = [message["id"] for message in sent if message["channel"] != "push" and message["sent_at"] and message["id"] not in taken]
    checks.equal("nothing that is said to be sent was not", lost, [])
    costs = {message["cost_micro"] for message in sent if message["state"] == "delivered" and message["template_id"] == brand.costed}
    checks.equal("a message costs what the account says", costs, {45000})


with Checks() as checks:
    sides = {"aliyun": aliyun.Aliyun(PORT + 1), "tencent": tencent.Tencent(PORT + 2), "whatsapp": whatsapp.WhatsApp(PORT + 3),
             "push": push.PushService(PORT + 4)}
    signatures(checks, sides)
    with Server(environment={"PERENNIAL_WEBHOOKS_ALLOW_PRIVATE": "true"}) as server:
        brand = Brand(server)
        set_up(checks, brand, sides)
        made = templates(brand)
        brand.costed = made["aliyun1"]
        good = {name: numbers(70 + index, 6) for index, name in enumerate(("aliyun", "tencent", "whatsapp"))}
        bad = numbers(80, 40)
        lost = {name: numbers(85 + index, 3) for index, name in enumerate(("aliyun", "tencent", "whatsapp"))}
        quiet = numbers(90, 3)
        brand.gather([number for group in (*good.values(), bad, *lost.values(), quiet) for number in group])
        delivered(checks, brand, sides, made, good)
        again = errors(checks, brand, sides, made, bad)
        uncertain(checks, brand, sides, made, lost)
        replies(checks, brand, sides, made, quiet)
        pushed(checks, brand, sides, made)
        reconciled(checks, brand, sides, again)
        wechat_checks.check(checks, server)
        wecom_checks.check(checks, server)
    for side in sides.values():
        side.close()
