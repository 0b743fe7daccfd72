"""Writes the patterns of uap-core, which come as Python, as JSON: [pattern, family, version] for browsers and systems.

    user-agents.py regexes.py user-agents.json
"""

import json
import os
import sys
import types


class Parser:
    """Keeps what a rule was made of."""

    def __init__(self, pattern, family=None, version=None, *_, **__):
        self.rule = [pattern, family, version]


rules = types.ModuleType("ua_parser.user_agent_parser")
rules.UserAgentParser = rules.OSParser = rules.DeviceParser = Parser
sys.modules["ua_parser"] = types.ModuleType("ua_parser")
sys.modules["ua_parser.user_agent_parser"] = rules

source, target = sys.argv[1:]
names = {"__name__": "regexes"}
with open(source, encoding="utf-8") as file:
    exec(compile(file.read(), source, "exec"), names)
lists = {
    "browsers": [parser.rule for parser in names["USER_AGENT_PARSERS"]],
    "systems": [parser.rule for parser in names["OS_PARSERS"]],
}
with open(target + ".part", "w", encoding="utf-8") as file:
    json.dump(lists, file, ensure_ascii=False)
os.replace(target + ".part", target)
