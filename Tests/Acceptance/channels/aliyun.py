"""Alibaba Cloud's SMS API (Dysmsapi 2017-05-25) as its own SDK speaks to it, which says what the signature has to be."""

import json
import re
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

from alibabacloud_tea_openapi.utils import Utils
from side import CUT, DEAF, GARBAGE, Side, reply, same, want

SIGNED = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
KNOWN = {
    "SendSms": {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam", "OutId"},
    "QuerySmsTemplateList": {"PageIndex", "PageSize"},
    "QuerySmsSignList": {"PageIndex", "PageSize"},
    "QuerySendStatistics": {"IsGlobe", "StartDate", "EndDate", "PageIndex", "PageSize"},
    "AddSmsTemplate": {"TemplateName", "TemplateContent", "TemplateType", "Remark"},
}
PASS, WAITING = "AUDIT_STATE_PASS", "AUDIT_STATE_INIT"


class Aliyun(Side):
    key_id, secret = "LTAI-test", "secret-of-aliyun"

    def __init__(self, port):
        super().__init__(port)
        self.nonces = set()
        self.signs = ["常青"]
        # More than a page of 50.
        self.templates = {f"SMS_{number}": (f"T{number}", "您的优惠券${code}已到账", PASS) for number in range(1, 61)}
        self.templates["SMS_900"] = ("waiting", "x", WAITING)

    def answer(self, request):
        headers = request.headers
        same("method", request.method, "POST")
        same("path", request.path, "/")
        same("body", request.body, b"")
        same("host", headers.get("host"), self.authority)
        same("content hash", headers.get("x-acs-content-sha256"), EMPTY)
        same("version", headers.get("x-acs-version"), "2017-05-25")
        self.check_time(headers.get("x-acs-date", ""))
        nonce = headers.get("x-acs-signature-nonce", "")
        want(re.fullmatch(r"[0-9a-f]{32}", nonce) and nonce not in self.nonces, f"nonce {nonce!r}")
        self.nonces.add(nonce)
        parameters = request.parameters()
        action = headers.get("x-acs-action")
        want(action in KNOWN, f"action {action!r}")
        want(set(parameters) <= KNOWN[action], f"parameters {sorted(parameters)} of {action}")
        self.check_signature(request, parameters)
        return getattr(self, action)(parameters)

    @staticmethod
    def check_time(text):
        want(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), f"x-acs-date {text!r}")
        when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        want(abs(datetime.now(timezone.utc) - when) < timedelta(minutes=15), f"x-acs-date {text!r} is not now")

    def check_signature(self, request, parameters):
        """By the SDK's own hand."""
        signed = SimpleNamespace(
            method="POST", pathname="/", query=parameters, headers={name: request.headers[name] for name in self.signed(request)})
        expected = Utils.get_authorization(signed, "ACS3-HMAC-SHA256", EMPTY, self.key_id, self.secret)
        same("authorization", request.headers.get("authorization"), expected)

    @staticmethod
    def signed(request):
        names = re.search(r"SignedHeaders=([a-z0-9;-]+),", request.headers.get("authorization", ""))
        want(names and set(SIGNED) <= set(names[1].split(";")), "SignedHeaders")
        return names[1].split(";")

    def refusal(self, words):
        return reply({"Code": "SignatureDoesNotMatch", "Message": words, "RequestId": "r"}, 400)

    @staticmethod
    def ok(**more):
        return reply({"Code": "OK", "Message": "OK", "RequestId": "r", **more})

    def SendSms(self, parameters):  # noqa: N802
        number = parameters["PhoneNumbers"]
        want(re.fullmatch(r"1[3-9]\d{9}|[1-9]\d{6,14}", number), f"PhoneNumbers {number!r}")
        want(re.fullmatch(r"\d{1,19}", parameters.get("OutId", "")), "OutId")
        told = self.next(number)
        if told in (CUT, DEAF, GARBAGE):
            if told != DEAF:
                self.take({"to": number, "id": parameters["OutId"], "biz": f"lost^{number}"})
            return told, {}, b""
        if told:
            status = 503 if told.startswith("ServiceUnavailable") else 200
            return reply({"Code": told, "Message": "told so", "RequestId": "r"}, status)
        if parameters.get("SignName") not in self.signs:
            return reply({"Code": "isv.SMS_SIGNATURE_ILLEGAL", "Message": "no such signature", "RequestId": "r"})
        template = self.templates.get(parameters["TemplateCode"])
        if not template or template[2] != PASS:
            return reply({"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "no such template", "RequestId": "r"})
        values = json.loads(parameters.get("TemplateParam", "{}"))
        want(all(isinstance(value, str) for value in values.values()), f"TemplateParam {values!r} has other than texts")
        places = set(re.findall(r"\$\{(\w+)\}", template[1]))
        if places - set(values):
            return reply({"Code": "isv.TEMPLATE_MISSING_PARAMETERS", "Message": "missing", "RequestId": "r"})
        same("TemplateParam", set(values), places)
        text = re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], template[1])
        count = self.take({"to": number, "id": parameters["OutId"], "biz": f"{id(self)}^{number}", "text": text})
        biz = f"9000{count}^0"
        self.taken[count - 1]["biz"] = biz
        return self.ok(BizId=biz)

    def paged(self, parameters, key, rows):
        size, page = int(parameters["PageSize"]), int(parameters["PageIndex"])
        want(1 <= size <= 50 and page >= 1, f"page {page} of {size}")
        return self.ok(TotalCount=len(rows), PageSize=size, CurrentPage=page, **{key: rows[(page - 1) * size:page * size]})

    def QuerySmsTemplateList(self, parameters):  # noqa: N802
        return self.paged(parameters, "SmsTemplateList", [
            {"TemplateCode": code, "TemplateName": name, "TemplateContent": text, "AuditStatus": status,
             "OuterTemplateType": 2, "TemplateType": 1, "Reason": {"RejectInfo": "无审批备注"}}
            for code, (name, text, status) in self.templates.items()])

    def QuerySmsSignList(self, parameters):  # noqa: N802
        return self.paged(parameters, "SmsSignList", [{"SignName": sign, "AuditStatus": PASS} for sign in self.signs])

    def QuerySendStatistics(self, parameters):  # noqa: N802
        same("StartDate", parameters["StartDate"], parameters["EndDate"])
        want(re.fullmatch(r"\d{8}", parameters["StartDate"]) and parameters["IsGlobe"] == "1", f"{parameters}")
        day = {"SendDate": parameters["StartDate"], "TotalCount": 7, "RespondedSuccessCount": 5, "RespondedFailCount": 1,
               "NoRespondedCount": 1}
        return self.ok(Data={"TotalSize": 1, "TargetList": [day]})

    def AddSmsTemplate(self, parameters):  # noqa: N802
        want(parameters["TemplateType"] in ("0", "1", "2"), f"TemplateType {parameters['TemplateType']!r}")
        want(len(parameters["TemplateName"]) <= 30 and len(parameters["TemplateContent"]) <= 500, "too long")
        code = f"SMS_{1000 + len(self.templates)}"
        self.templates[code] = (parameters["TemplateName"], parameters["TemplateContent"], WAITING)
        return self.ok(TemplateCode=code)

    # What it tells us.

    def report(self, message, success=True, code="DELIVERED"):
        return {"phone_number": message["to"], "send_time": "2026-01-01 00:00:00", "report_time": "2026-01-01 00:00:01",
                "success": success, "err_code": code, "err_msg": "told so", "sms_size": "1", "biz_id": message["biz"],
                "out_id": message["id"]}

    @staticmethod
    def reply(number, text, sequence):
        return {"phone_number": number, "send_time": "2026-01-01 00:00:02", "content": text, "sign_name": "常青",
                "dest_code": "1069", "sequence_id": sequence}

    reports_answer = {"code": 0, "msg": "OK"}


def genuine(side):
    """The SDK itself sends a message to the stand-in: what it takes from us it takes from the real thing. Returns its body."""
    from alibabacloud_tea_openapi.client import Client
    from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
    from darabonba.runtime import RuntimeOptions

    client = Client(Config(access_key_id=side.key_id, access_key_secret=side.secret, endpoint=side.authority, protocol="HTTP"))
    query = {"PhoneNumbers": "13900000000", "SignName": "常青", "TemplateCode": "SMS_1", "TemplateParam": '{"code":"a b~*"}',
             "OutId": "42"}
    params = Params(action="SendSms", version="2017-05-25", protocol="HTTP", pathname="/", method="POST", auth_type="AK",
                    style="RPC", req_body_type="formData", body_type="json")
    return client.call_api(params, OpenApiRequest(query=query), RuntimeOptions())["body"]
