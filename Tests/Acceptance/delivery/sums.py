"""Every message against every letter."""

from collections import Counter


def reconcile(checks, name, brand, store, sink, seconds):
    rows = store.rows("SELECT id, state, reason, origin, origin_id, profile_id, message_key, attempts FROM messages")
    letters = Counter(letter.message for letter in sink.taken())
    states = Counter(row[1] for row in rows)
    known = {row[0] for row in rows}
    checks.equal(f"{name}: no letter without a message", [one for one in letters if one not in known][:3], [])
    twice = [one for one, count in letters.items() if count > 1]
    checks.check(f"{name}: nothing was sent twice", not twice, f"{len(twice)} of {len(letters)}: {twice[:3]}")
    lost = [row for row in rows if row[1] in ("sent", "delivered", "opened", "clicked") and row[0] not in letters]
    checks.check(f"{name}: what is said to be sent was taken", not lost, f"{len(lost)}: {lost[:3]}")
    other = [row for row in rows if row[1] in ("failed", "suppressed", "bounced", "planned", "sending")]
    checks.check(f"{name}: nothing failed", not other, f"{len(other)}: {other[:3]}")
    unknown = [row for row in rows if row[1] == "unknown"]
    arrived = sum(row[0] in letters for row in unknown)
    checks.check(f"{name}: unknown are only those that a kill cut off", all(row[2] == "cut_off" for row in unknown),
                 Counter(row[2] for row in unknown))
    told = dict(store.rows("SELECT name, count(*) FROM event_log WHERE name IN ('Message Sent', 'Message Unknown') GROUP BY name"))
    checks.equal(f"{name}: each is told once", (int(told.get("Message Sent", 0)), int(told.get("Message Unknown", 0))),
                 (states["sent"], states["unknown"]))
    journeys(checks, name, brand, store, rows)
    broadcasts(checks, name, brand, store, rows)
    print(f"     {seconds:.0f} s under fire: {len(brand.orders)} orders, {len(brand.broadcasts)} broadcasts, "
          f"{brand.versions} versions; {len(rows)} messages, {sum(letters.values())} letters, {len(twice)} twice, "
          f"{len(lost)} lost; {len(unknown)} unknown, {arrived} of them arrived", flush=True)


def journeys(checks, name, brand, store, rows):
    runs = store.rows("SELECT id, profile_id, entry_key, status, ending FROM journey_runs")
    people = {str(identifier): address for address, identifier in brand.people.items()}
    entered = Counter(key.rsplit(":", 1)[1] for _, _, key, _, _ in runs)
    missing = [order for order in brand.orders if order not in entered]
    checks.check(f"{name}: every order let its person in", not missing, f"{len(missing)}: {missing[:3]}")
    checks.check(f"{name}: once each", all(count == 1 for count in entered.values()), entered.most_common(2))
    wrong = [key for _, profile, key, _, _ in runs if people[profile] != brand.orders.get(key.rsplit(":", 1)[1], people[profile])]
    checks.equal(f"{name}: and nobody else", wrong[:3], [])
    checks.equal(f"{name}: every way came to its end", Counter(f"{one[3]} {one[4]}" for one in runs), Counter({"ended finished": len(runs)}))
    planned = Counter()
    for row in rows:
        if row[3] == "journey":
            _, _, run, node, _ = row[6].split(":")
            planned[(run, node)] += 1
    wanted = Counter({(run[0], node): 1 for run in runs for node in ("first", "second")})
    checks.equal(f"{name}: two letters for each way, each planned once", planned, wanted) if len(runs) < 5 else checks.check(
        f"{name}: two letters for each way, each planned once", planned == wanted,
        f"{len(planned - wanted)} too many, {len(wanted - planned)} missing")


def broadcasts(checks, name, brand, store, rows):
    wanted = Counter((identifier, str(profile)) for identifier in brand.broadcasts for profile in brand.people.values())
    found = Counter((row[4], row[5]) for row in rows if row[3] == "broadcast" and row[4] in brand.broadcasts)
    checks.check(f"{name}: everybody of each broadcast, once", found == wanted,
                 f"{len(wanted - found)} missing, {len(found - wanted)} too many")
