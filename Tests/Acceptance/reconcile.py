"""Compares both stores with what was acknowledged: nothing lost, nothing twice."""

import json
import sqlite3


class SQLiteReader:
    def __init__(self, path):
        self.path = path

    def rows(self, sql):
        connection = sqlite3.connect(self.path)
        try:
            return [tuple(str(value) for value in row) for row in connection.execute(sql)]
        finally:
            connection.close()


def reconcile(checks, name, load, store, analytics):
    _operational(checks, name, load, store)
    _analytics(checks, name, load, store, analytics)


def _operational(checks, name, load, store):
    stored = store.rows(
        "SELECT r.message_id, o.outcome FROM event_receipts r "
        "JOIN event_outcomes o ON o.position = r.position JOIN sources s ON s.id = r.source_id WHERE s.name = 'Faults'"
    )
    outcomes = dict(stored)
    lost = [message for message in load.messages if outcomes.get(message) != "stored"]
    checks.check(f"{name}: every acknowledged event is stored", not lost, f"{len(lost)} missing, {lost[:3]}")
    checks.equal(f"{name}: every event has one receipt", len(stored), len(outcomes))
    applied = store.rows(
        "SELECT count(*), count(DISTINCT l.message_id) FROM event_log l JOIN event_outcomes o ON o.position = l.position "
        "WHERE o.outcome = 'stored' AND l.source_id <> 0"
    )[0]
    checks.equal(f"{name}: no event is stored twice", applied[0], applied[1])

    people = dict(store.rows("SELECT value, profile_id FROM identities WHERE kind = 'user_id'"))
    states = {row[0]: row[1:] for row in store.rows("SELECT id, order_count, net_spend, state FROM profiles")}
    wrong = []
    for person, visits in load.visits.items():
        state = json.loads(states[people[person]][2])
        found = increments(state, "visits")
        if found != visits:
            wrong.append((person, visits, found))
    checks.check(f"{name}: increments add up", not wrong, f"{len(wrong)} differ, {wrong[:3]}")

    orders = {row[0]: int(row[1]) for row in store.rows("SELECT order_id, net FROM orders")}
    expected = {order: cents for order, (_, cents) in load.orders.items()}
    checks.check(f"{name}: orders are as acknowledged", orders == expected, f"{len(orders)} for {len(expected)}")
    spend, count = {}, {}
    for person, cents in load.orders.values():
        spend[person] = spend.get(person, 0) + cents
        count[person] = count.get(person, 0) + 1
    wrong = [
        person
        for person in spend
        if (int(states[people[person]][0]), int(states[people[person]][1])) != (count[person], spend[person])
    ]
    checks.check(f"{name}: every person's spend adds up", not wrong, f"{len(wrong)} differ, {wrong[:3]}")


def increments(state, trait):
    """What the increments of a trait add up to: those kept apart, and those folded into a sum (ProfileState)."""
    entry = state["t"].get(trait, {})
    return sum(amount for _, amount in entry.get("i", []) + entry.get("s", []))


def _analytics(checks, name, load, store, analytics):
    events, sums, orders = analytics.answers(
        [
            "SELECT message_id, count() FROM perennial.events WHERE source_id > 0 GROUP BY message_id",
            "SELECT count(), uniqExact(position) FROM perennial.events",
            "SELECT count(), sum(net) FROM perennial.orders AS o FINAL WHERE is_deleted = 0",
        ]
    )
    archived = {row[0]: int(row[1]) for row in events}
    missing = [message for message in load.messages if message not in archived]
    twice = [message for message, count in archived.items() if count > 1]
    checks.check(f"{name}: analytics has every event", not missing, f"{len(missing)} missing, {missing[:3]}")
    checks.check(f"{name}: analytics has no event twice", not twice, f"{len(twice)} twice, {twice[:3]}")
    log = store.rows(
        "SELECT count(*) FROM event_log l JOIN event_outcomes o ON o.position = l.position WHERE o.outcome = 'stored'"
    )[0][0]
    checks.equal(f"{name}: analytics equals the log", sums[0], [log, log])
    total = sum(cents for _, cents in load.orders.values())
    checks.equal(f"{name}: analytics has the orders", orders[0], [str(len(load.orders)), str(total)])
