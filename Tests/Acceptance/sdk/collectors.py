"""The real SDKs of PostHog, Mixpanel, Snowplow and Matomo, and captured requests of browsers, against a server."""

import json
import threading
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

CAPTURED = Path(__file__).resolve().parent.parent.parent / "Fixtures" / "contracts"


def values(person):
    return {name: trait["value"] for name, trait in person["traits"].items()}


def identities(person):
    return {(identity["kind"], identity["value"]) for identity in person["identities"]}


def bought(count):
    return lambda person: person["order_count"] == count


def posthog(checks, api, key, gzip, mode=None):
    from posthog import Posthog

    mark = uuid.uuid4().hex[:8]
    user, anonymous = f"ph-{mark}", f"ph-anon-{mark}"
    errors = []
    client = Posthog(
        key, host=api.url, gzip=gzip, capture_mode=mode, on_error=lambda error, items: errors.append(str(error)))
    name = "posthog" + (" gzip" if gzip else "") + (f" {mode}" if mode else "")
    client.capture("Page Dwelt", distinct_id=anonymous, properties={"$process_person_profile": False, "seconds": 3})
    client.set(distinct_id=user, properties={"plan": "gold", "email": f"{mark}@example.com"})
    client.set_once(distinct_id=user, properties={"first": "x"})
    client.alias(previous_id=anonymous, distinct_id=user)
    order = {"order_id": f"ph-order-{mark}", "revenue": 25.0, "currency": "CNY",
             "products": [{"product_id": "p1", "name": "茶", "price": 12.5, "quantity": 2}]}
    seen = str(uuid.uuid4())
    for _ in range(2):
        client.capture("Order Completed", distinct_id=user, properties=order, uuid=seen)
    for number in range(150):
        client.capture("Tea Tasted", distinct_id=user, properties={"n": number})
    client.flush()
    client.shutdown()
    checks.equal(f"{name}: the SDK reports no error", errors, [])
    checks.check(f"{name}: a flag falls back to its default", not client.feature_enabled("f1", user))
    receipt = api.receipt(seen)
    checks.check(f"{name}: the order is stored", receipt and receipt["status"] == "stored", str(receipt))
    person = api.person(user, lambda person: person["order_count"] == 1 and person["event_count"] >= 150)
    checks.check(
        f"{name}: one person with both ids", {("user_id", user), ("anonymous_id", anonymous)} <= identities(person),
        str(identities(person)))
    checks.equal(f"{name}: traits", [values(person).get(name) for name in ("plan", "first")], ["gold", "x"])
    checks.equal(f"{name}: one order and what was spent", (person["order_count"], person.get("net_spend")), (1, 2500))
    wrong = []
    client = Posthog("wk_wrong", host=api.url, on_error=lambda error, items: wrong.append(str(error)), max_retries=0)
    client.capture("A", distinct_id=user)
    client.shutdown()
    checks.check(f"{name}: a wrong key is told", wrong and "401" in wrong[0], str(wrong))


def mixpanel(checks, api, key):
    from mixpanel import BufferedConsumer, Consumer, Mixpanel, MixpanelException

    mark = uuid.uuid4().hex[:8]
    user, anonymous = f"mp-{mark}", f"mp-anon-{mark}"
    urls = [f"{api.url}/{path}" for path in ("track", "engage", "import", "groups")]
    consumer = Consumer(*urls[:3], groups_url=urls[3])
    client = Mixpanel(key, consumer=consumer)
    client.track(user, "Order Completed", {"order_id": f"mp-order-{mark}", "total": 30, "currency": "CNY"})
    client.people_set(user, {"$email": f"{mark}@example.com", "plan": "gold", "gone": 1})
    client.people_set_once(user, {"first": "x"})
    client.people_set_once(user, {"first": "y"})
    client.people_increment(user, {"n": 2})
    client.people_increment(user, {"n": 3})
    client.people_append(user, {"likes": "tea"})
    client.people_union(user, {"likes": ["tea", "cake"]})
    time.sleep(0.05)
    client.people_unset(user, ["gone"])
    client.people_track_charge(user, 12.5)
    client.merge("secret", anonymous, user)
    client.import_data("secret", user, "Old", int(time.time()) - 86400 * 30)
    buffered = Mixpanel(key, consumer=BufferedConsumer(50, *urls[:3]))
    for number in range(120):
        buffered.track(user, "Buffered", {"n": number})
    buffered._consumer.flush()
    person = api.person(
        user, lambda person: person["order_count"] == 2 and person["event_count"] >= 130
        and ("anonymous_id", anonymous) in identities(person))
    traits = values(person)
    traits["likes"] = sorted(traits.get("likes") or [])
    wanted = {"plan": "gold", "first": "x", "n": 5, "likes": ["cake", "tea"], "gone": None}
    checks.equal("mixpanel: traits", {name: traits.get(name) for name in wanted}, wanted)
    checks.check(
        "mixpanel: one person with both ids", {("user_id", user), ("anonymous_id", anonymous)} <= identities(person),
        str(identities(person)))
    checks.equal("mixpanel: orders, a charge among them", (person["order_count"], person.get("net_spend")), (2, 4250))
    try:
        Mixpanel("wk_wrong", consumer=consumer).track(user, "A")
        checks.check("mixpanel: a wrong token is refused", False)
    except MixpanelException as error:
        checks.check("mixpanel: a wrong token is refused", "key" in str(error), str(error))


def snowplow(checks, api, key):
    from snowplow_tracker import Emitter, PageView, SelfDescribing, SelfDescribingJson, StructuredEvent, Subject, Tracker

    mark = uuid.uuid4().hex[:8]
    host, port = urllib.parse.urlsplit(api.url).netloc.split(":")
    for method in ("post", "get"):
        user, device = f"sp-{method}-{mark}", f"sp-device-{method}-{mark}"
        failed = []
        emitter = Emitter(
            host, protocol="http", port=int(port), method=method, batch_size=10,
            on_failure=lambda count, events: failed.extend(events))
        subject = Subject().set_user_id(user).set_domain_user_id(device).set_timezone("Asia/Shanghai")
        tracker = Tracker("ns", emitter, subject=subject, app_id=key)
        tracker.track(PageView("https://example.com/a?utm_source=x", page_title="A", referrer="https://www.baidu.com/"))
        tracker.track(StructuredEvent("shop", "add_to_cart", label="l", property_="p", value=2.5))
        tracker.track(SelfDescribing(SelfDescribingJson(
            "iglu:com.acme/order_completed/jsonschema/1-0-0",
            {"order_id": f"sp-{method}-{mark}", "total": 25.0, "currency": "CNY"})))
        tracker.flush()
        checks.equal(f"snowplow {method}: the tracker reports no failure", failed, [])
        person = api.person(user, bought(1))
        checks.check(
            f"snowplow {method}: one person with both ids",
            {("user_id", user), ("anonymous_id", device)} <= identities(person), str(identities(person)))
        checks.equal(
            f"snowplow {method}: the order", (person["order_count"], person.get("net_spend")), (1, 2500))
    refused = threading.Event()
    emitter = Emitter(
        host, protocol="http", port=int(port), batch_size=1, on_failure=lambda count, events: refused.set(),
        custom_retry_codes={401: False})
    Tracker("ns", emitter, app_id="wk_wrong", subject=Subject().set_user_id("u")).track(PageView("https://a.example/"))
    checks.check("snowplow: a wrong app id is refused", refused.wait(10))


def matomo(checks, api, key):
    from piwikapi.tracking import PiwikTracker, PiwikTrackerEcommerce

    class Visit:
        META = {
            "HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
            "HTTP_ACCEPT_LANGUAGE": "zh-CN", "SERVER_NAME": "shop.example", "PATH_INFO": "/a", "QUERY_STRING": "",
            "HTTP_REFERER": "https://www.baidu.com/s?wd=x", "REMOTE_ADDR": "203.0.113.9",
        }

        def is_secure(self):
            return True

    def tracker(kind):
        made = kind(7, Visit())
        made.set_api_url(api.url + "/matomo.php")
        made.set_token_auth(key)
        made.set_visitor_id(visitor)
        made.set_ip("203.0.113.9")
        return made

    visitor = uuid.uuid4().hex[:16]
    page = tracker(PiwikTracker)
    page.do_track_page_view("Title")
    page.do_track_action("https://shop.example/f.zip", "download")
    shop = tracker(PiwikTrackerEcommerce)
    shop.add_ecommerce_item("sku1", "Mug", "Kitchen", 12.5, 2)
    shop.do_track_ecommerce_order(f"ma-{visitor}", 27.5, 25.0, 2.5)
    shop.do_track_goal(3, 9.9)
    # The goal is the last of them.
    person = api.person(visitor, lambda found: bought(1)(found) and found["event_count"] >= 4)
    checks.equal("matomo: piwikapi's order", (person["order_count"], person.get("net_spend")), (1, 2500))
    checks.check("matomo: piwikapi's hits", person["event_count"] >= 4, str(person.get("event_count")))


def send(api, path, body=None, headers=None):
    """What a browser sends; returns status and text."""
    origin = {"Origin": "https://shop.example.com", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0"}
    asked = urllib.request.Request(api.url + path, data=body, headers={**origin, **(headers or {})})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.status, answer.read().decode(errors="replace")


def browsers(checks, api, key):
    """Requests captured from matomo.js and Umami's tracker, and posthog-js as its source writes them."""
    mark = uuid.uuid4().hex[:8]
    for query in (CAPTURED / "matomo-js-2024-10-24.queries.txt").read_text().splitlines():
        query = query.replace("idsite=7&", f"idsite={key}&").replace("uid=u1", f"uid=mjs-{mark}").replace("o-1", f"mjs-{mark}")
        status, _ = send(api, "/matomo.php?" + query.replace("be4a3fb80428f102", mark + mark))
        if status != 200:
            checks.check("matomo.js: captured requests", False, query)
    person = api.person(f"mjs-{mark}", bought(1))
    checks.equal("matomo.js: the order", (person["order_count"], person.get("net_spend")), (1, 2500))
    cache = {}
    for line in (CAPTURED / "umami-tracker-2026-05-14.ndjson").read_text().splitlines():
        body = json.loads(line)
        body["payload"]["website"] = key
        if "id" in body["payload"]:
            body["payload"]["id"] = f"um-{mark}"
        status, text = send(api, "/api/send", json.dumps(body).encode(), {"Content-Type": "application/json", **cache})
        cache = {"x-umami-cache": json.loads(text).get("cache", "")}
        checks.check("umami: a captured request is answered in its form", status == 200 and cache["x-umami-cache"], text)
    person = api.person(f"um-{mark}", lambda person: person["event_count"] >= 4)
    checks.equal("umami: identified with what came before", (values(person).get("email"), person["event_count"]), ("a@b.c", 4))
    import gzip

    page = {"event": "$pageview", "offset": 20, "uuid": str(uuid.uuid4()), "properties": {
        "token": key, "distinct_id": f"pj-{mark}", "$device_id": f"pj-{mark}", "$lib": "web",
        "$current_url": "https://shop.example.com/p/1?utm_source=wechat"}}
    status, text = send(
        api, "/e/?compression=gzip-js", gzip.compress(json.dumps([page]).encode()), {"Content-Type": "text/plain"})
    checks.equal("posthog-js: the answer", (status, text), (200, '{"status":1}'))
    receipt = api.receipt(page["uuid"])
    checks.check("posthog-js: the page is stored", receipt and receipt["status"] == "stored", str(receipt))


def every(checks, api, key):
    return [
        lambda: posthog(checks, api, key, False), lambda: posthog(checks, api, key, True),
        lambda: posthog(checks, api, key, False, "v1"), lambda: mixpanel(checks, api, key),
        lambda: snowplow(checks, api, key), lambda: matomo(checks, api, key), lambda: browsers(checks, api, key),
    ]
