"""A WeChat official account as WeChat describes it. Calls to us are made with wechatpy's own cryptography."""

import hashlib
import json
import re
import time

from side import CUT, DEAF, GARBAGE, Side, reply, same, want

OPENID = r"[A-Za-z0-9_-]{10,64}"
LENGTHS = {"thing": 20, "number": 32, "letter": 32, "character_string": 32, "phrase": 5, "name": 20}


class WeChat(Side):
    app, secret = "wx0123456789abcdef", "s3cret"
    callback_token, aes_key = "callback", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

    def __init__(self, port):
        super().__init__(port)
        self.generation = 1
        self.asked = []
        self.msgid = 200228000
        self.menu = None
        self.templates = [{"template_id": f"TPL{number}", "title": f"T{number}", "primary_industry": "IT", "deputy_industry": "IT",
                           "content": "{{thing1.DATA}}\n{{character_string2.DATA}}", "example": "x"} for number in range(1, 6)]
        self.subscriptions = [{"priTmplId": "SUB1", "title": "S1", "content": "{{thing1.DATA}}\n", "example": "x", "type": 2}]

    @property
    def token(self):
        return f"TOKEN_{self.generation}"

    def expire(self):
        """The token that was handed out is good no more, and another is handed out from now on."""
        self.generation += 1

    def refusal(self, words):
        return self.error(44002, words)

    @staticmethod
    def error(code, words="told so"):
        return reply({"errcode": code, "errmsg": f"{words} rid: 1"})

    def answer(self, request):
        if request.path == "/cgi-bin/stable_token":
            return self.stable_token(request)
        parameters = request.parameters()
        same("query", set(parameters), {"access_token"})
        if parameters["access_token"] != self.token:
            return self.error(42001, "access_token expired")
        if request.method == "GET":
            same("a GET has no body", request.body, b"")
            return self.look(request.path)
        same("method", request.method, "POST")
        same("content type", request.headers.get("content-type"), "application/json; charset=utf-8")
        want(b"\\u" not in request.body, "words are escaped, which menus show as they are")
        body = request.json()
        return {
            "/cgi-bin/message/template/send": self.template, "/cgi-bin/message/subscribe/bizsend": self.subscription,
            "/cgi-bin/message/custom/send": self.service, "/cgi-bin/menu/create": self.create,
            "/cgi-bin/openapi/quota/get": self.quota,
        }[request.path](body)

    def stable_token(self, request):
        same("method", request.method, "POST")
        same("query", request.query, "")
        body = request.json()
        same("members", set(body), {"grant_type", "appid", "secret", "force_refresh"})
        same("grant_type", body["grant_type"], "client_credential")
        self.asked.append(body["force_refresh"])
        if body["appid"] != self.app:
            return self.error(40013, "invalid appid")
        if body["secret"] != self.secret:
            return self.error(40125, "invalid appsecret")
        if body["force_refresh"]:
            self.generation += 1
        return reply({"access_token": self.token, "expires_in": 7200})

    def look(self, path):
        if path == "/cgi-bin/template/get_all_private_template":
            return reply({"template_list": self.templates})
        if path == "/wxaapi/newtmpl/gettemplate":
            return reply({"errcode": 0, "errmsg": "ok", "data": self.subscriptions})
        if path == "/cgi-bin/user/get":
            return reply({"total": 3, "count": 3, "data": {"openid": []}, "next_openid": ""})
        same("path", path, "/cgi-bin/menu/get")
        return reply({"menu": self.menu}) if self.menu else self.error(46003, "menu no exist")

    def quota(self, body):
        same("members", set(body), {"cgi_path"})
        return reply({"errcode": 0, "errmsg": "ok", "quota": {"daily_limit": 100000, "used": 7, "remain": 99993}})

    def create(self, body):
        same("members", set(body), {"button"})
        want(1 <= len(body["button"]) <= 3, "buttons")
        for button in body["button"]:
            want(len(button["name"].encode()) <= 16, "a name")
            for inner in button.get("sub_button", [button] if "type" in button else []):
                want({"click": "key", "view": "url", "miniprogram": "pagepath"}[inner["type"]] in inner, "what a button does")
        self.menu = body
        return reply({"errcode": 0, "errmsg": "ok"})

    def met(self, body, message):
        """What the person's next message meets; nothing: it is taken."""
        told = self.next(body["touser"])
        if told in (CUT, DEAF, GARBAGE):
            if told != DEAF:
                self.take(message)
            return told, {}, b""
        return self.error(told) if told else None

    def values(self, data, template):
        places = re.findall(r"\{\{(\w+)\.DATA\}\}", template["content"])
        same("places", set(data), set(places))
        for name, value in data.items():
            same(name, set(value), {"value"})
            want(isinstance(value["value"], str) and value["value"], f"{name} is empty")
            if len(value["value"]) > LENGTHS.get(re.sub(r"\d+$", "", name), 10**6):
                return self.error(47003, f"argument invalid! data.{name}.value invalid")
        return None

    def template(self, body):
        want(set(body) <= {"touser", "template_id", "url", "miniprogram", "client_msg_id", "data"}, f"members {sorted(body)}")
        want(re.fullmatch(OPENID, body["touser"]), "touser")
        want(re.fullmatch(r"\d{1,19}", body["client_msg_id"]), "client_msg_id")
        if "miniprogram" in body:
            same("miniprogram", set(body["miniprogram"]), {"appid", "pagepath"})
        self.msgid += 1
        message = {"to": body["touser"], "id": body["client_msg_id"], "msgid": self.msgid, "kind": "template", "data": body["data"],
                   "url": body.get("url", "")}
        found = self.met(body, message)
        if found:
            return found
        known = [one for one in self.templates if one["template_id"] == body["template_id"]]
        if not known:
            return self.error(40037, "invalid template_id")
        flaw = self.values(body["data"], known[0])
        if flaw:
            return flaw
        self.take(message)
        return reply({"errcode": 0, "errmsg": "ok", "msgid": self.msgid})

    def subscription(self, body):
        want(set(body) <= {"touser", "template_id", "page", "miniprogram", "data"}, f"members {sorted(body)}")
        message = {"to": body["touser"], "id": f"subscription {len(self.taken)}", "kind": "subscription", "data": body["data"]}
        found = self.met(body, message)
        if found:
            return found
        same("template", body["template_id"], "SUB1")
        flaw = self.values(body["data"], self.subscriptions[0])
        if flaw:
            return flaw
        self.take(message)
        return reply({"errcode": 0, "errmsg": "ok"})

    def service(self, body):
        want(re.fullmatch(OPENID, body["touser"]), "touser")
        kind = body["msgtype"]
        same("members", set(body), {"touser", "msgtype", kind})
        if kind == "text":
            same("text", set(body["text"]), {"content"})
            want(0 < len(body["text"]["content"].encode()) <= 2048, "content")
        else:
            same("kind", kind, "news")
            same("articles", len(body["news"]["articles"]), 1)
            want({"title", "description", "url"} <= set(body["news"]["articles"][0]), "article")
        message = {"to": body["touser"], "id": f"service {len(self.taken)}", "kind": kind, "body": body[kind]}
        found = self.met(body, message)
        if found:
            return found
        self.take(message)
        return reply({"errcode": 0, "errmsg": "ok"})

    # What WeChat calls us with.

    def xml(self, person, kind="event", event="", at=None, **more):
        members = {"ToUserName": "gh_1", "FromUserName": person, "CreateTime": at or int(time.time()), "MsgType": kind}
        if event:
            members["Event"] = event
        members.update(more)
        inner = "".join(f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
                        for name, value in members.items())
        return f"<xml>{inner}</xml>"

    def plain(self, text, token=None, at=None):
        """Query and body of a call in the clear."""
        at, nonce = str(at or int(time.time())), "19283"
        signature = hashlib.sha1("".join(sorted([token or self.callback_token, at, nonce])).encode()).hexdigest()
        return f"?signature={signature}&timestamp={at}&nonce={nonce}", text.encode()

    def sealed(self, text, key=None, app=None):
        """Query and body of an encrypted call, by wechatpy."""
        import xmltodict
        from wechatpy.crypto import WeChatCrypto

        at, nonce = str(int(time.time())), "47562"
        crypto = WeChatCrypto(self.callback_token, key or self.aes_key, app or self.app)
        outer = xmltodict.parse(crypto.encrypt_message(text, nonce, at))["xml"]
        query = f"?timestamp={at}&nonce={nonce}&encrypt_type=aes&msg_signature={outer['MsgSignature']}"
        return query, f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{outer['Encrypt']}]]></Encrypt></xml>".encode()


def genuine(side):
    """wechatpy is taken by the stand-in: what the stand-in takes is what WeChat takes."""
    from wechatpy import WeChatClient

    client = WeChatClient(side.app, side.secret, access_token=side.token, auto_retry=False)
    client.API_BASE_URL = side.url + "/cgi-bin/"
    return json.loads(json.dumps(client.menu.get() if side.menu else client.user.get_followers()))
