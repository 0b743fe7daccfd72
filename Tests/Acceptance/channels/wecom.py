"""WeCom as it describes itself: customer contact, group sends, welcomes, the group robot. Calls to us are made with wechatpy's
cryptography."""

import re
import time

from side import CUT, DEAF, GARBAGE, Side, reply, same, want


class WeCom(Side):
    corp, secret, robot = "ww0123456789abcdef", "contact-s3cret", "693axxx6-7aoc-4bc4"
    callback_token, aes_key = "callback", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

    def __init__(self, port):
        super().__init__(port)
        self.generation = 1
        self.tasks = {}
        self.welcomes = {}
        self.spoken = []
        self.strangers = set()
        # What the next call of a path meets, in order.
        self.errors = {}
        # By customer: the employee, and what they did (0 nothing, 1 sent, 2 no contact, 3 had enough).
        self.done = {}

    @property
    def token(self):
        return f"TOKEN_{self.generation}"

    def refusal(self, words):
        return self.error(40035, words)

    @staticmethod
    def error(code, words="told so"):
        return reply({"errcode": code, "errmsg": words})

    def answer(self, request):
        parameters = request.parameters()
        if request.path == "/cgi-bin/gettoken":
            same("method", request.method, "GET")
            same("query", set(parameters), {"corpid", "corpsecret"})
            if parameters != {"corpid": self.corp, "corpsecret": self.secret}:
                return self.error(40001, "invalid credential")
            return reply({"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200})
        if request.path == "/cgi-bin/webhook/send":
            return self.speak(parameters, request)
        same("query", set(parameters), {"access_token"})
        if parameters["access_token"] != self.token:
            return self.error(42001, "access_token expired")
        name = re.fullmatch(r"/cgi-bin/externalcontact/(\w+)", request.path)
        want(name, f"path {request.path}")
        waiting = self.errors.get(name[1])
        told = waiting.pop(0) if waiting else None
        if told == DEAF or told == GARBAGE:
            return told, {}, b""
        if told and told != CUT:
            return self.error(told)
        if name[1] == "get_follow_user_list":
            same("method", request.method, "GET")
            return reply({"errcode": 0, "errmsg": "ok", "follow_user": ["zhang", "li"]})
        same("method", request.method, "POST")
        body = request.json()
        answer = {"add_msg_template": self.add, "get_groupmsg_task": self.task, "get_groupmsg_send_result": self.result,
                  "cancel_groupmsg_send": self.cancel, "send_welcome_msg": self.welcome}[name[1]](body)
        return (CUT, {}, b"") if told == CUT else answer

    @staticmethod
    def content(body, extra):
        want(set(body) <= extra | {"text", "attachments"}, f"members {sorted(body)}")
        want("text" in body or "attachments" in body, "it says nothing")
        if "text" in body:
            same("text", set(body["text"]), {"content"})
            want(0 < len(body["text"]["content"].encode()) <= 4000, "content")
        for card in body.get("attachments", []):
            same("card", card["msgtype"], "link")
            want({"title", "url"} <= set(card["link"]) <= {"title", "url", "picurl", "desc"}, "link")
            want(0 < len(card["link"]["title"].encode()) <= 128, "title")

    def add(self, body):
        self.content(body, {"chat_type", "external_userid", "sender"})
        same("chat_type", body["chat_type"], "single")
        people = body["external_userid"]
        want(1 <= len(people) <= 10000 and len(set(people)) == len(people), "external_userid")
        name = f"msgGCAAAX{len(self.tasks)}"
        lost = [person for person in people if person in self.strangers]
        self.tasks[name] = {"people": [person for person in people if person not in lost], "text": body.get("text"), "open": True}
        for person in people:
            self.take({"to": person, "id": f"{name} {person}"})
        return reply({"errcode": 0, "errmsg": "ok", "fail_list": lost, "msgid": name})

    def task(self, body):
        same("members", set(body) - {"cursor"}, {"msgid", "limit"})
        want(1 <= body["limit"] <= 1000, "limit")
        people = self.tasks[body["msgid"]]["people"]
        employees = sorted({self.done.get(person, ("zhang", 0))[0] for person in people})
        return reply({"errcode": 0, "errmsg": "ok", "next_cursor": "",
                      "task_list": [{"userid": user, "status": 2, "send_time": int(time.time())} for user in employees]})

    def result(self, body):
        same("members", set(body) - {"cursor"}, {"msgid", "userid", "limit"})
        want(1 <= body["limit"] <= 1000, "limit")
        rows = [(person, self.done.get(person, ("zhang", 0))) for person in self.tasks[body["msgid"]]["people"]]
        mine = [{"external_userid": person, "chat_id": "", "userid": user, "status": status} for person, (user, status) in rows
                if user == body["userid"]]
        start = int(body.get("cursor") or 0)
        end = start + 2
        return reply({"errcode": 0, "errmsg": "ok", "send_list": mine[start:end],
                      "next_cursor": str(end) if end < len(mine) else ""})

    def cancel(self, body):
        same("members", set(body), {"msgid"})
        self.tasks[body["msgid"]]["open"] = False
        return reply({"errcode": 0, "errmsg": "ok"})

    def welcome(self, body):
        self.content(body, {"welcome_code"})
        code = body["welcome_code"]
        if code in self.welcomes:
            return self.error(41051, "externaluser has started chatting")
        self.welcomes[code] = time.time()
        return reply({"errcode": 0, "errmsg": "ok"})

    def speak(self, parameters, request):
        same("query", set(parameters), {"key"})
        if parameters["key"] != self.robot:
            return self.error(93000, "invalid webhook url")
        same("method", request.method, "POST")
        body = request.json()
        same("members", set(body), {"msgtype", "text"})
        want(0 < len(body["text"]["content"].encode()) <= 2048, "content")
        now = time.time()
        if sum(1 for at, _ in self.spoken if at > now - 60) >= 20:
            return self.error(45009, "api freq out of limit")
        self.spoken.append((now, body["text"]["content"]))
        return reply({"errcode": 0, "errmsg": "ok"})

    # What WeCom calls us with.

    def change(self, kind, person, employee="zhang", **more):
        members = {"ToUserName": self.corp, "FromUserName": "sys", "CreateTime": str(int(time.time())), "MsgType": "event",
                   "Event": "change_external_contact", "ChangeType": kind, "UserID": employee, "ExternalUserID": person, **more}
        return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in members.items()) + "</xml>"

    def sealed(self, text, corp=None):
        import xmltodict
        from wechatpy.enterprise.crypto import WeChatCrypto

        at, nonce = str(int(time.time())), "90210"
        crypto = WeChatCrypto(self.callback_token, self.aes_key, corp or self.corp)
        outer = xmltodict.parse(crypto.encrypt_message(text, nonce, at))["xml"]
        query = f"?msg_signature={outer['MsgSignature']}&timestamp={at}&nonce={nonce}"
        return query, f"<xml><ToUserName><![CDATA[{self.corp}]]></ToUserName><Encrypt><![CDATA[{outer['Encrypt']}]]></Encrypt></xml>".encode()

    def echo(self, word):
        """The look at whether an address is ours: the query, whose word has to come back decrypted."""
        from urllib.parse import quote

        query, body = self.sealed(word)
        sealed = re.search(rb"<Encrypt><!\[CDATA\[(.*?)\]\]>", body)[1].decode()
        return f"{query}&echostr={quote(sealed, safe='')}"
