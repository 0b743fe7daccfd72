#!/usr/bin/env python3
"""Verifies a member's statement (GET /api/v1/members/{id}/statement) without Perennial: python3 verify-statement.py FILE"""
import hashlib
import json
import sys

statement = json.load(open(sys.argv[1], encoding="utf-8"))
previous, sequence = "0" * 64, 0
balances, lots = {}, {}
for link in statement["transactions"]:
    computed = hashlib.sha256(f"{previous}\n{link['text']}".encode()).hexdigest()
    transaction = json.loads(link["text"])
    sequence += 1
    where = f"transaction {sequence}"
    assert computed == link["hash"], f"{where}: the hash does not follow"
    assert transaction["sequence"] == sequence, f"{where}: a number is missing"
    assert transaction["account"] == statement["account"], f"{where}: of another account"
    assert sum(entry["amount"] for entry in transaction["entries"]) == 0, f"{where}: does not add up to zero"
    balance = balances.setdefault(transaction["currency"], dict(pending=0, available=0, held=0, owed=0))
    for entry in transaction["entries"]:
        if entry["ledger"] in balance:
            balance[entry["ledger"]] += entry["amount"]
        if entry["ledger"] in ("pending", "available") and "lot" in entry:
            lots[entry["lot"]] = lots.get(entry["lot"], 0) + entry["amount"]
    for lot in transaction.get("lots", []):
        assert lots.get(lot["lot"], 0) == lot["remaining"] >= 0, f"{where}: lot {lot['lot']} does not add up"
    for ledger, amount in balance.items():
        assert amount == transaction["after"][ledger], f"{where}: {ledger} does not add up"
    previous = link["hash"]
assert previous == statement["hash"] and sequence == statement["sequence"], "the end is missing"
for currency, balance in balances.items():
    assert all(statement["balances"][currency][name] == amount for name, amount in balance.items()), currency
print(f"{sequence} transactions follow from each other; balances: {json.dumps(balances)}")
