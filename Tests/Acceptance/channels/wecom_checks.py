"""WeCom through a real server: welcomes in time and once, group sends as tasks of employees, the robot, encrypted calls."""

import json
import time

import wecom
from acceptance import PORT, request
from side import until
from wechat_checks import Brand


def check(checks, server):
    side = wecom.WeCom(PORT + 6)
    try:
        brand = Brand(server, "wecom")
        url = brand.provider(
            "wecom", base_url=side.url, values={"corp_id": side.corp, "welcome_text": "欢迎", "welcome_title": "", "welcome_url": ""},
            secrets={"contact_secret": "wrong", "callback_token": side.callback_token, "encoding_aes_key": side.aes_key})
        told = brand.call("POST", "/api/v1/message-providers/wecom/checks", expected=None)
        checks.check("a wrong secret is told as WeCom tells it", "40001" in json.dumps(told), told)
        brand.provider("wecom", secrets={"contact_secret": side.secret})
        facts = brand.call("POST", "/api/v1/message-providers/wecom/checks")["facts"]
        checks.equal("the account is known", facts["employees"], "2")
        looks(checks, side, url)
        welcomes(checks, brand, side, url)
        tasks(checks, brand, side)
        robot(checks, brand, side)
        checks.equal("every request was as it has to be (wecom)", side.flaws, [])
        ids = [message["id"] for message in side.taken]
        checks.equal("no customer was handed over twice in one task", len(ids), len(set(ids)))
    finally:
        side.close()


def looks(checks, side, url):
    checks.equal("a look at the address is answered, decrypted", request("GET", url + side.echo("7262517365"))[2], b"7262517365")
    query, body = side.sealed(side.change("add_external_contact", "wm1"), corp="wwother")
    checks.equal("what is for another corp is refused", request("POST", url + query, body)[0], 404)
    checks.equal("and what is in the clear", request("POST", url, side.change("add_external_contact", "wm1").encode())[0], 404)


def welcomes(checks, brand, side, url):
    def tell(kind, person, **more):
        query, body = side.sealed(side.change(kind, person, **more))
        return request("POST", url + query, body)[0]

    begun = time.time()
    checks.equal("a new customer is told of", tell("add_external_contact", "wmNew", State="shop7", WelcomeCode="W1"), 200)
    tell("add_external_contact", "wmNew", State="shop7", WelcomeCode="W1")
    checks.check("and welcomed", until(lambda: "W1" in side.welcomes), side.welcomes)
    checks.check("within twenty seconds", side.welcomes["W1"] - begun < 20, side.welcomes)
    side.welcomes["W2"] = 0
    tell("add_external_contact", "wmSecond", WelcomeCode="W2")
    time.sleep(1.5)
    checks.equal("once, however often it is told; who was welcomed by somebody else is let be", len(side.welcomes), 2)
    checks.equal("who leaves is told of too", tell("del_follow_user", "wmSecond"), 200)
    for person, name in (("wmNew", "WeCom Contact Added"), ("wmSecond", "WeCom Contact Deleted")):
        found = until(lambda person=person: brand.call("GET", f"/api/v1/profiles?search={person}&limit=2")["items"])
        checks.check(f"{person} is a person", found, person)
        brand.people[person] = found[0]["id"]
        checks.check(f"“{name}” is in the log", until(lambda person=person, name=name: brand.events(person, name)), name)


def tasks(checks, brand, side):
    people = [f"wmTask{index}" for index in range(6)]
    brand.gather("wecom_external_id", people)
    side.strangers = {people[5]}
    side.done = {people[0]: ("zhang", 1), people[1]: ("zhang", 1), people[2]: ("li", 3), people[3]: ("li", 2), people[4]: ("li", 0)}
    template = brand.template("wecom", subject="新品", body="新品上市", link="https://shop.example/n")
    ids = [brand.send(template, person) for person in people]
    checks.equal("messages are gathered", {brand.settled(one, "sent")["state"] for one in ids}, {"sent"})
    until(lambda: len(side.taken) >= len(people), 90)
    checks.equal("into one task", (len(side.taken), len(side.tasks)), (len(people), 1))
    found = brand.settled(ids[5], "bounced")
    checks.equal("who is no customer is told at once", found["reason"], "not_a_contact")
    listed = brand.call("GET", "/api/v1/wecom/tasks")["items"]
    checks.equal("the task is listed", (listed[0]["state"], listed[0]["people"], listed[0]["refused"]), ("waiting", 6, 1))
    second = brand.settled(brand.send(template, "wmSecond"), "suppressed")
    checks.equal("who deleted the employee has no address", second["reason"], "no_address")


def robot(checks, brand, side):
    brand.provider("wecom_robot", base_url=side.url, secrets={"robot_key": side.robot})
    template = brand.template("wecom_robot", body="{{ event.code }} asks")
    ids = [brand.send(template, "wmNew") for _ in range(22)]
    until(lambda: len(side.spoken) >= 20)
    time.sleep(1)
    checks.equal("the robot speaks twenty times a minute", len(side.spoken), 20)
    states = [brand.message(one)["state"] for one in ids]
    checks.equal("and the rest waits", (states.count("sent"), states.count("planned")), (20, 2))
