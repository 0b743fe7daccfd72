"""The published figures: the same from the command line, the API and the console, and as the vectors say."""

import json
from pathlib import Path

from acceptance import request
from visitor import Visitor

FIXTURES = Path(__file__).resolve().parent.parent.parent / "Fixtures"
STAGES = ("introduction", "growth", "maturity", "decline", "churn")


class CDNOW:
    """6,919 purchases of 2,357 customers, and when they bought again."""

    kind = "lifecycle"
    day = "1997-09-30"
    arguments = [str(FIXTURES / "lifecycle/cdnow_sample.csv"), "--map", "customer=sid,time=date,amount=amt,quantity=n"]

    def check(self, checks, name, report):
        expected = json.loads((FIXTURES / "lifecycle/expected.json").read_text())
        found = dict(zip(("0.5", "0.75", "0.8", "0.9", "0.95"), report["gap_quantiles"][-1]["days"]))
        checks.equal(f"{name}: gap quantiles are the published ones", found, expected["gap_days_quantiles_pooled"])
        conversions = {str(step["orders"]): round(step["converted"] / step["people"], 3) for step in report["model"]["conversions"]}
        published = expected["conversion_n_to_n_plus_1"]
        checks.equal(f"{name}: so are the conversions", {step: conversions.get(step) for step in published}, published)
        shares = expected["pooled_rule_active_in_next_39_weeks (n, share)"].values()
        checks.equal(f"{name}: so are the three groups", report["pooled_recency"], [group[0] for group in shares])
        checks.equal(f"{name}: K is 4", report["model"]["maturity_orders"], 4)
        checks.equal(f"{name}: every customer has a stage", sum(one["people"] for one in report["stages"]), 2357)

    def on_screen(self, checks, name, visitor, report):
        rows = visitor.words(f"/overview/stages?as_of={self.day}")
        wanted = [f"{one['people']:,}" for one in report["stages"] if one["people"]]
        checks.check(f"{name}: the console shows the stages", all(one in rows.split() for one in wanted), rows)
        bands = [row for row in visitor.rows(f"/lifecycle/rhythm?as_of={self.day}") if len(row) == 4]
        found = [(row[1], row[2].split()[0], row[3].split()[0]) for row in bands if row[1][:1].isdigit() and row[2]]
        expected = [
            (f"{band['gaps']:,}", str(round_half_up(band["q80"])), str(round_half_up(band["q90"])))
            for band in report["model"]["bands"]
        ]
        checks.equal(f"{name}: and the rhythm", found[: len(expected)], expected)


class RFM:
    """4,906 orders of 995 customers, and what the R package makes of them."""

    kind = "rfm"
    day = "2006-12-31"
    arguments = [str(FIXTURES / "rfm/orders.csv"), "--map", "customer=customer_id,time=order_date,amount=revenue"]

    def check(self, checks, name, report):
        expected = json.loads((FIXTURES / "rfm/expected.json").read_text())
        package = expected["r_package_rfm_0.3.0"]
        dimensions = {one["dimension"][0].upper(): one for one in report["dimensions"]}
        cuts = {letter: [round(cut, 6) for cut in one["cuts"]] for letter, one in dimensions.items()}
        published = {letter.upper(): list(values) for letter, values in package["thresholds"].items()}
        published["M"] = [round(value * 100, 6) for value in published["M"]]
        checks.equal(f"{name}: cut points are the published ones", cuts, published)
        counts = {letter: one["people"] for letter, one in dimensions.items()}
        checks.equal(f"{name}: so are the scores", counts, package["counts"])
        classes = {one["code"]: one["people"] for one in report["classes"]}
        checks.equal(f"{name}: so are the eight classes", classes, expected["eight_classes"]["raw_mean (bit = better than the mean)"])

    def on_screen(self, checks, name, visitor, report):
        rows = visitor.rows(f"/rfm/result?as_of={self.day}")
        found = sorted(row[1] for row in rows if len(row) == 5 and row[1][:1].isdigit())
        checks.equal(f"{name}: the console shows the classes", found, sorted(f"{one['people']:,}" for one in report["classes"]))


def round_half_up(value):
    return int(value + 0.5)


def served(server, data):
    """The report as the API gives it."""
    key = server.command("keys", "api", "Reader", "--scope", "insights:read").split()[-1]
    status, _, body = request(
        "GET", f"{server.url}/api/v1/{data.kind}?as_of={data.day}", headers={"Authorization": f"Bearer {key}"}, timeout=60
    )
    return ordered(json.loads(body)) if status == 200 else f"{status} {body[:500]}"


def ordered(report):
    """Which dimensions are used is a set: its order means nothing."""
    report.get("settings", {}).get("dimensions", []).sort()
    return report


def bring(server, data):
    """Imports the file; what would be refused is told beside the stores and not beside the file."""
    server.data.parent.mkdir(parents=True, exist_ok=True)
    server.command("import", "orders", *data.arguments, "--errors", str(server.data.parent / "refused.csv"))


def everywhere(checks, name, server, data):
    """Imports the file, and compares what the command line, the API and the console make of it. Returns the report."""
    bring(server, data)
    printed = ordered(json.loads(server.command("report", data.kind, "--as-of", data.day, "--format", "json")))
    data.check(checks, name, printed)
    with server:
        checks.check(f"{name}: the API answers what the command line prints", served(server, data) == printed)
        data.on_screen(checks, name, Visitor(server), printed)
        return printed
