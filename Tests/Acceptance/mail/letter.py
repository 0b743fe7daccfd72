"""Setting mail up over the API, and one letter byte by byte."""

import email
import email.policy
import email.utils
import re
import time

import dkim

from mailsink import Sink

NAME = "品牌 & “Co”"
SUBJECT = "你好 {{ person.traits.nick }}，满 100 减 20 = 80%!"
TEXT = "**Dear** {{ person.traits.nick }},\n\n. a line that begins with a dot\n[Look](https://shop.example/tea?a=1&b=2)  \n长长的一行" + "茶" * 120


def set_up(checks, shop, port, bare_port):
    good = {
        "host": "localhost", "port": port, "security": "starttls", "user": "shop", "password": "geheim 秘密",
        "from_name": NAME, "from_address": "hello@brand.example", "reply_to": "care@brand.example",
        "bounce_domain": "bounce.brand.example", "dkim_domain": "brand.example", "dkim_selector": "s1",
        "per_second": 0, "per_domain_minute": 0,
    }
    checks.equal("mail is not set up at first", shop.call("GET", "/api/v1/email")["is_set_up"], False)
    for field, value in (
        ("host", "mail.example/evil"), ("from_address", "no address"), ("dkim_selector", "No!"), ("from_name", "a\r\nBcc: x@y.example"),
        ("bounce_domain", "-"),
    ):
        refused = shop.call("PUT", "/api/v1/email", {**good, field: value}, expected=(422,))
        checks.equal(f"a bad {field} is refused", refused["code"], f"bad_{field}")
    saved = shop.call("PUT", "/api/v1/email", good)
    checks.check("it is now, and the password is told nobody", saved["is_set_up"] and saved["has_password"] and "geheim" not in str(saved))
    checks.equal("two records to publish", [one["name"] for one in saved["records"]],
                 ["s1._domainkey.brand.example", "s1-ed._domainkey.brand.example"])

    def trial():
        return shop.call("POST", "/api/v1/email/trials", {"to": "owner@brand.example"})

    checks.check("a trial arrives", trial()["accepted"])
    shop.call("PUT", "/api/v1/email", {"password": "wrong"})
    answer = trial()
    checks.equal("a wrong password is told", (answer["accepted"], answer["code"]), (False, 535))
    with Sink(bare_port) as bare:
        shop.call("PUT", "/api/v1/email", {"port": bare_port, "password": good["password"]})
        answer = trial()
        checks.check("a server without STARTTLS gets nothing", not answer["accepted"] and not bare.letters, answer)
    refused = shop.call("PUT", "/api/v1/email", {"host": "127.0.0.2", "port": port}, expected=(422,))
    checks.equal("a kept password goes to no other host", refused["code"], "password_again")
    shop.call("PUT", "/api/v1/email", {"host": "127.0.0.2", "port": port, "password": good["password"]})
    checks.check("nor does one that is not reached", not trial()["accepted"])
    shop.call("PUT", "/api/v1/email", good)
    checks.check("set right again, a trial arrives", trial()["accepted"])


def inspect(checks, shop, sink):
    person = shop.people(["lin@good.example"], lambda _: {"nick": "小林 <b>&", "language": "zh"})["lin@good.example"]
    template = shop.template("Hello", SUBJECT, [
        {"kind": "heading", "text": "新茶"}, {"kind": "text", "text": TEXT},
        {"kind": "button", "text": "买", "url": "https://shop.example/buy?sku=7"}])
    begun = time.time()
    identifier = shop.send("letter", person, template)
    letter = sink.wait("lin@good.example")[0]
    message = shop.until(identifier, lambda one: one["state"] == "sent")
    checks.equal("it is sent, and said so", message["state"], "sent")
    checks.check("within a second and a half", letter.at - begun < 1.5, f"{letter.at - begun:.2f} s")
    checks.equal("the envelope's sender stands for the message", letter.sender, f"bounce+{identifier}@bounce.brand.example")
    content = letter.content
    checks.check("every byte is seven-bit, every line ends in CRLF and is bounded",
                 max(content) < 128 and not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
                 and max(map(len, content.split(b"\r\n"))) <= 998)
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    checks.equal("no defects", (parsed.defects, [one.defects for one in parsed.iter_parts()]), ([], [[], []]))
    checks.equal("who writes", (parsed["From"].addresses[0].display_name, parsed["From"].addresses[0].addr_spec),
                 (NAME, "hello@brand.example"))
    checks.equal("to whom, and where answers go", (parsed["To"], parsed["Reply-To"]), ("lin@good.example", "care@brand.example"))
    checks.equal("the subject", parsed["Subject"], "你好 小林 <b>&，满 100 减 20 = 80%!")
    sent = email.utils.parsedate_to_datetime(parsed["Date"]).timestamp()
    checks.check("when", abs(sent - begun) < 5, parsed["Date"])
    checks.equal("its own id", parsed["Message-ID"], f"<{identifier}@brand.example>")
    checks.equal("text first, then HTML of the same", (parsed.get_content_type(), [one.get_content_type() for one in parsed.iter_parts()]),
                 ("multipart/alternative", ["text/plain", "text/html"]))
    plain, page = (one.get_content() for one in parsed.iter_parts())
    checks.check("the text says it", "Dear 小林 <b>&," in plain and "\n. a line that begins with a dot" in plain and "茶" * 120 in plain)
    checks.check("the HTML says it, and what people are called is no markup",
                 "<strong>Dear</strong> 小林 &lt;b&gt;&amp;," in page and "<b>&," not in page)
    leave = re.fullmatch(r"<(http[^>]+/u/[^>]+)>", parsed["List-Unsubscribe"])
    checks.check("one click leaves", leave and parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", parsed["List-Unsubscribe"])
    signatures(checks, shop, content)
    receipt = shop.template("Receipt", "Your order", [{"kind": "text", "text": "Thanks"}], topic="", transactional=True)
    shop.send("receipt", person, receipt)
    bare = email.message_from_bytes(sink.wait("lin@good.example", 2)[1].content, policy=email.policy.default)
    checks.check("a transactional letter cannot be left", bare["List-Unsubscribe"] is None)


def signatures(checks, shop, content):
    records = {one["name"] + ".": one["value"].encode() for one in shop.call("GET", "/api/v1/email")["records"]}

    def lookup(name, timeout=5):
        return records.get(name.decode() if isinstance(name, bytes) else name)

    fields = [line for line in re.findall(rb"(?ms)^DKIM-Signature:.*?(?=^\S)", content)]
    checks.equal("both keys sign", [re.search(rb"a=([a-z0-9-]+)", one)[1] for one in fields], [b"rsa-sha256", b"ed25519-sha256"])
    signed = [set(re.search(rb"h=([^;]+)", re.sub(rb"\s", b"", one))[1].split(b":")) for one in fields]
    checks.check("what one leaves by is signed", all({b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject"} <= one for one in signed))
    for index in range(2):
        verified = dkim.DKIM(content).verify(idx=index, dnsfunc=lookup)
        checks.check(f"signature {index + 1} verifies", verified)
        for name, changed in (
            ("body", content.replace(b"shop.example", b"evil.example", 1)),
            ("subject", content.replace(b"Subject: ", b"Subject: Re: ", 1)),
        ):
            try:
                held = dkim.DKIM(changed).verify(idx=index, dnsfunc=lookup)
            except dkim.DKIMException:
                held = False
            checks.check(f"signature {index + 1} does not hold for another {name}", not held)
