"""Tencent Cloud's SMS API (2021-01-11) as its own SDK speaks to it, which says what the signature has to be."""

import hashlib
import re
import time
from datetime import datetime, timezone

from side import CUT, DEAF, GARBAGE, Side, reply, same, want
from tencentcloud.common.sign import Sign

KNOWN = {
    "SendSms": {"PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName", "TemplateParamSet", "SessionContext"},
    "DescribeSmsTemplateList": {"International", "Limit", "Offset"},
    "DescribeSmsSignList": {"International", "Limit", "Offset"},
    "SmsPackagesStatistics": {"SmsSdkAppId", "Limit", "Offset", "BeginTime", "EndTime"},
    "AddSmsTemplate": {"TemplateName", "TemplateContent", "SmsType", "International", "Remark"},
}
AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})")


class Tencent(Side):
    key_id, secret, app, region = "AKID-test", "secret-of-tencent", "1400006666", "ap-guangzhou"

    def __init__(self, port):
        super().__init__(port)
        self.templates = {str(700 + number): (f"T{number}", "您的优惠券{1}，有效期{2}天", 0) for number in range(1, 121)}
        self.templates["999"] = ("waiting", "x", 1)
        self.signs = ["常青"]

    def answer(self, request):
        headers = request.headers
        same("method", request.method, "POST")
        same("target", request.target, "/")
        same("host", headers.get("host"), self.authority)
        action = headers.get("x-tc-action")
        want(action in KNOWN, f"action {action!r}")
        same("version", headers.get("x-tc-version"), "2021-01-11")
        same("region", headers.get("x-tc-region"), self.region)
        self.check_signature(request, action)
        body = request.json()
        want(set(body) <= KNOWN[action], f"members {sorted(body)} of {action}")
        return getattr(self, action)(body)

    def check_signature(self, request, action):
        headers = request.headers
        seconds = int(headers.get("x-tc-timestamp", "0"))
        want(abs(time.time() - seconds) < 300, f"X-TC-Timestamp {seconds} is not now")
        found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        want(found, f"authorization {headers.get('authorization')!r}")
        key, date, names, signature = found.groups()
        same("key", key, self.key_id)
        same("date", date, datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d"))
        want({"content-type", "host"} <= set(names.split(";")) and names == ";".join(sorted(names.split(";"))), f"names {names}")
        lowered = {**headers, "x-tc-action": action.lower()}
        lines = "".join(f"{name}:{lowered[name].strip()}\n" for name in names.split(";"))
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(request.body).hexdigest()}"
        text = f"TC3-HMAC-SHA256\n{seconds}\n{date}/sms/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        same("signature", signature, Sign.sign_tc3(self.secret, date, "sms", text))
        want(headers["content-type"].startswith("application/json"), f"content type {headers['content-type']!r}")

    def refusal(self, words):
        return self.error("AuthFailure.SignatureFailure", words)

    @staticmethod
    def error(code, words="told so"):
        return reply({"Response": {"Error": {"Code": code, "Message": words}, "RequestId": "r"}})

    @staticmethod
    def ok(**more):
        return reply({"Response": {**more, "RequestId": "r"}})

    def SendSms(self, body):  # noqa: N802
        same("SmsSdkAppId", body["SmsSdkAppId"], self.app)
        want(isinstance(body["PhoneNumberSet"], list) and len(body["PhoneNumberSet"]) == 1, "PhoneNumberSet")
        number = body["PhoneNumberSet"][0]
        want(re.fullmatch(r"\+[1-9]\d{6,14}", number), f"number {number!r}")
        want(len(body["SessionContext"]) < 512 and body["SessionContext"].isdigit(), "SessionContext")
        told = self.next(number)
        if told in (CUT, DEAF, GARBAGE):
            if told != DEAF:
                self.take({"to": number, "id": body["SessionContext"], "sid": f"lost:{number}"})
            return told, {}, b""
        if told:
            # Some errors are of the request, others of one number in it.
            if told.split(".")[0] in ("InternalError", "AuthFailure", "UnauthorizedOperation", "RequestLimitExceeded"):
                return self.error(told)
            return self.ok(SendStatusSet=[{"SerialNo": "", "PhoneNumber": number, "Fee": 0, "SessionContext": body["SessionContext"],
                                           "Code": told, "Message": "told so", "IsoCode": ""}])
        if number.startswith("+86") and body.get("SignName") not in self.signs:
            return self.ok(SendStatusSet=[{"Code": "FailedOperation.SignatureIncorrectOrUnapproved", "Message": ""}])
        template = self.templates.get(body["TemplateId"])
        if not template or template[2] != 0:
            return self.ok(SendStatusSet=[{"Code": "FailedOperation.TemplateIncorrectOrUnapproved", "Message": ""}])
        values = body["TemplateParamSet"]
        want(all(isinstance(value, str) for value in values), f"TemplateParamSet {values!r} has other than texts")
        if len(values) != len(re.findall(r"\{\d+\}", template[1])):
            return self.ok(SendStatusSet=[{"Code": "FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "Message": ""}])
        text = re.sub(r"\{(\d+)\}", lambda found: values[int(found[1]) - 1], template[1])
        count = self.take({"to": number, "id": body["SessionContext"], "text": text})
        sid = f"2028:f82{count}"
        self.taken[count - 1]["sid"] = sid
        return self.ok(SendStatusSet=[{"SerialNo": sid, "PhoneNumber": number, "Fee": 1, "SessionContext": body["SessionContext"],
                                       "Code": "Ok", "Message": "send success", "IsoCode": "CN"}])

    def paged(self, body, key, rows):
        want(body["International"] in (0, 1) and 1 <= body["Limit"] <= 100 and body["Offset"] >= 0, f"page {body}")
        rows = rows if body["International"] == 0 else []
        return self.ok(**{key: rows[body["Offset"]:body["Offset"] + body["Limit"]]})

    def DescribeSmsTemplateList(self, body):  # noqa: N802
        return self.paged(body, "DescribeTemplateStatusSet", [
            {"TemplateId": int(code), "International": 0, "StatusCode": status, "ReviewReply": "", "TemplateName": name,
             "CreateTime": 1, "TemplateContent": text} for code, (name, text, status) in self.templates.items()])

    def DescribeSmsSignList(self, body):  # noqa: N802
        return self.paged(body, "DescribeSignListStatusSet", [
            {"SignId": 1, "International": 0, "StatusCode": 0, "ReviewReply": "", "SignName": sign, "CreateTime": 1}
            for sign in self.signs])

    def SmsPackagesStatistics(self, body):  # noqa: N802
        for name in ("BeginTime", "EndTime"):
            want(re.fullmatch(r"\d{10}", body[name]), f"{name} {body[name]!r}")
        want(body["BeginTime"] < body["EndTime"], "BeginTime is not before EndTime")
        package = {"PackageAmount": 1000, "CurrentUsage": 10, "PackageExpiredTime": int(time.time()) + 1000}
        return self.ok(SmsPackagesStatisticsSet=[package, {**package, "PackageExpiredTime": 1}])

    def AddSmsTemplate(self, body):  # noqa: N802
        want(body["SmsType"] in (1, 2, 3) and body["International"] == 0, f"{body}")
        code = str(5000 + len(self.templates))
        self.templates[code] = (body["TemplateName"], body["TemplateContent"], 1)
        return self.ok(AddTemplateStatus={"TemplateId": code})

    # What it tells us.

    @staticmethod
    def report(message, success=True, code="DELIVRD"):
        return {"user_receive_time": "2026-01-01 00:00:00", "nationcode": "86", "mobile": message["to"][3:],
                "report_status": "SUCCESS" if success else "FAIL", "errmsg": code, "description": "told so", "sid": message["sid"]}

    @staticmethod
    def reply(number, text, when):
        return {"extend": "", "mobile": number[3:], "nationcode": "86", "sign": "常青", "text": text, "time": when}

    reports_answer = {"result": 0, "errmsg": "OK"}


def genuine(side):
    """The SDK itself sends a message to the stand-in. Returns the status of the message."""
    from tencentcloud.common import credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.sms.v20210111 import models, sms_client

    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=side.authority))
    client = sms_client.SmsClient(credential.Credential(side.key_id, side.secret), side.region, profile)
    asked = models.SendSmsRequest()
    asked.PhoneNumberSet, asked.SmsSdkAppId, asked.TemplateId = ["+8613900000000"], side.app, "701"
    asked.SignName, asked.TemplateParamSet, asked.SessionContext = "常青", ["a", "b"], "42"
    return client.SendSms(asked).SendStatusSet[0].Code
