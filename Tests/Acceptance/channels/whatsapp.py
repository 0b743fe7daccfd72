"""WhatsApp's Cloud API as Meta describes it."""

import hashlib
import hmac
import json
import re

from side import CUT, DEAF, GARBAGE, Side, reply, same, want

MEMBERS = {"messaging_product", "recipient_type", "to", "type", "template", "text", "biz_opaque_callback_data"}


class WhatsApp(Side):
    number, account, version = "106540352242922", "102290129340398", "v23.0"
    token, secret = "EAAG-token", "app-secret"

    def __init__(self, port):
        super().__init__(port)
        self.last = {}
        body = {"type": "BODY", "text": "Your order {{1}} is ready"}
        button = {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Open", "url": "https://shop.example/{{1}}"}]}
        self.templates = [
            {"name": f"t{number}", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
             "components": [body, button], "rejected_reason": "NONE", "id": str(number)} for number in range(1, 121)]
        self.templates.append({"name": "paused", "language": "en_US", "status": "PAUSED", "category": "MARKETING",
                               "components": [body], "id": "999"})

    def answer(self, request):
        same("authorization", request.headers.get("authorization"), f"Bearer {self.token}")
        parts = request.path.split("/")
        same("version", parts[1], self.version)
        if request.method == "GET":
            return self.look(request, parts[2:])
        same("method", request.method, "POST")
        same("query", request.query, "")
        if parts[2:] == [self.account, "message_templates"]:
            return self.handed_in(request.json())
        same("path", parts[2:], [self.number, "messages"])
        want(request.headers.get("content-type", "").startswith("application/json"), "content type")
        return self.send(request.json())

    def look(self, request, parts):
        parameters = request.parameters()
        if parts == [self.number]:
            same("fields", parameters.get("fields"),
                 "display_phone_number,verified_name,quality_rating,messaging_limit_tier,throughput")
            return reply({"display_phone_number": "+1 555-078-3881", "verified_name": "Evergreen", "quality_rating": "GREEN",
                          "messaging_limit_tier": "TIER_1K", "throughput": {"level": "STANDARD"}, "id": self.number})
        same("path", parts, [self.account, "message_templates"])
        limit, start = int(parameters["limit"]), int(parameters.get("after", "0"))
        rows = self.templates[start:start + limit]
        paging = {"cursors": {"before": str(start), "after": str(start + limit)}}
        if start + limit < len(self.templates):
            paging["next"] = f"{self.url}/next"
        return reply({"data": rows, "paging": paging})

    def handed_in(self, body):
        """A template of words, as Meta's reviewers want it."""
        want(set(body) <= {"name", "language", "category", "components", "parameter_format"}, f"members {sorted(body)}")
        want(re.fullmatch(r"[a-z0-9_]{1,512}", body["name"]), f"name {body['name']!r}")
        want(re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2,3})?", body["language"]), f"language {body['language']!r}")
        want(body["category"] in ("UTILITY", "MARKETING"), f"category {body['category']!r}")
        same("components", [one["type"] for one in body["components"]], ["BODY"])
        told = body["components"][0]
        places = list(dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", told["text"])))
        if body.get("parameter_format") == "NAMED":
            same("examples", [one["param_name"] for one in told["example"]["body_text_named_params"]], places)
        elif places:
            same("places", places, [str(number + 1) for number in range(len(places))])
            same("examples", [len(one) for one in told["example"]["body_text"]], [len(places)])
        if any((one["name"], one["language"]) == (body["name"], body["language"]) for one in self.templates):
            return self.error(2388024, "there is already content in this language")
        identifier = str(1000 + len(self.templates))
        self.templates.append({"name": body["name"], "language": body["language"], "status": "PENDING",
                               "category": body["category"], "components": body["components"], "id": identifier})
        return reply({"id": identifier, "status": "PENDING", "category": body["category"]})

    def refusal(self, words):
        return self.error(100, words)

    @staticmethod
    def error(code, words="told so"):
        status = {190: 401, 130429: 429, 80007: 429, 131056: 400, 131016: 503}.get(code, 400)
        return reply({"error": {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code,
                                "error_data": {"messaging_product": "whatsapp", "details": words}, "fbtrace_id": "x"}}, status)

    def send(self, body):
        want(set(body) <= MEMBERS, f"members {sorted(body)}")
        same("messaging_product", body.get("messaging_product"), "whatsapp")
        same("recipient_type", body.get("recipient_type"), "individual")
        want(re.fullmatch(r"[1-9]\d{6,14}", body.get("to", "")), f"to {body.get('to')!r}")
        want(re.fullmatch(r"\d{1,19}", body.get("biz_opaque_callback_data", "")), "biz_opaque_callback_data")
        told = self.next(body["to"])
        if told in (CUT, DEAF, GARBAGE):
            if told != DEAF:
                self.take({"to": body["to"], "id": body["biz_opaque_callback_data"], "wamid": f"wamid.lost{body['to']}"})
            return told, {}, b""
        if told:
            return self.error(told)
        if body["type"] == "text":
            same("text", set(body["text"]), {"preview_url", "body"})
            text = body["text"]["body"]
            want(0 < len(text) <= 4096, "text")
        else:
            same("type", body["type"], "template")
            text = self.template(body["template"])
            if isinstance(text, tuple):
                return text
        count = self.take({"to": body["to"], "id": body["biz_opaque_callback_data"], "text": text})
        wamid = f"wamid.HBg{count}"
        self.taken[count - 1]["wamid"] = wamid
        return reply({"messaging_product": "whatsapp", "contacts": [{"input": body["to"], "wa_id": body["to"]}],
                      "messages": [{"id": wamid, "message_status": "accepted"}]})

    def template(self, told):
        same("template", set(told), {"name", "language", "components"})
        same("language", set(told["language"]), {"code"})
        found = [one for one in self.templates
                 if one["name"] == told["name"] and one["language"] == told["language"]["code"]]
        if not found:
            return self.error(132001, "template does not exist")
        if found[0]["status"] != "APPROVED":
            return self.error(132015, "template is paused")
        values, buttons = [], []
        for component in told["components"]:
            if component["type"] == "body":
                for parameter in component["parameters"]:
                    same("parameter", set(parameter), {"type", "text"})
                    values.append(parameter["text"])
            else:
                same("component", (component["type"], component["sub_type"], component["index"]), ("button", "url", "0"))
                buttons.append(component["parameters"][0]["text"])
        if (len(values), len(buttons)) != (1, 1):
            return self.error(132000, "number of parameters does not match")
        return f"Your order {values[0]} is ready https://shop.example/{buttons[0]}"

    # What it tells us.

    def signed(self, value):
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": self.account, "changes": [
            {"field": "messages", "value": {"messaging_product": "whatsapp",
                                            "metadata": {"display_phone_number": "1", "phone_number_id": self.number}, **value}}]}]}).encode()
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {"X-Hub-Signature-256": f"sha256={mac}", "Content-Type": "application/json"}

    @staticmethod
    def status(message, word, code=None):
        status = {"id": message["wamid"], "status": word, "timestamp": "1767225600", "recipient_id": message["to"],
                  "biz_opaque_callback_data": message["id"]}
        if code:
            status["errors"] = [{"code": code, "title": "told so", "message": "told so", "error_data": {"details": "told so"}}]
        return status

    @staticmethod
    def reply(number, text, name):
        return {"from": number, "id": name, "timestamp": "1767225600", "type": "text", "text": {"body": text}}
