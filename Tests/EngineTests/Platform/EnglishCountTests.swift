import Testing

@testable import Engine

/// Sentences that are put together from numbers are right in English where a number is exactly 1, and where it is not.
@Suite("Numbers in English sentences")
struct EnglishCountTests {
    private static func program(_ number: Int) throws -> String {
        let rules = [
            #"{"id":"a","kind":"order_fixed","points":\#(number),"pending":{"days":\#(number)},"expires":{"days":\#(number)},"caps":[{"per":"member","period":"month","points":\#(number),"times":\#(number)}]}"#,
            #"{"id":"b","kind":"order_unit","points":\#(number),"units":\#(number)}"#,
            #"{"id":"c","kind":"order_amount","points":\#(number),"per":10,"rounding":"down"}"#,
            #"{"id":"d","kind":"event","points":\#(number),"event":{"names":["Article Read"]}}"#,
            #"{"id":"e","kind":"event_amount","points":\#(number),"per":10,"property":"minutes","event":{"names":["Walked"]},"rounding":"down"}"#,
            #"{"id":"f","kind":"check_in","points":\#(number),"event":"Checked In","cycle_days":\#(number)}"#,
            #"{"id":"g","kind":"referral","points":\#(number),"on":"first_order"}"#,
            #"{"id":"h","kind":"profile","points":\#(number),"traits":["birthday"]}"#,
            #"{"id":"i","kind":"review","event":"Product Reviewed","points":\#(number),"characters":\#(number)}"#,
        ]
        let program = try LoyaltyProgram(parsing: #"{"rules":[\#(rules.joined(separator: ","))]}"#)
        return program.rules.rules.map { $0.words(CriteriaPhrases(.english)) }.joined(separator: "\n")
    }

    @Test("earning rules, their caps and their terms")
    func earning() throws {
        let one = try Self.program(1)
        for noun in ["points", "days", "times", "pieces", "characters"] {
            #expect(!one.contains("1 \(noun)"), "\(one)")
        }
        #expect(one.contains("1 point for each order") && one.contains("1 point and 1 time a member a month"))
        #expect(one.contains("spendable after 1 day, lasts 1 day") && one.contains("for every 1 piece bought"))
        let two = try Self.program(2)
        #expect(two.contains("2 points for each order") && two.contains("2 points and 2 times a member a month"))
        #expect(two.contains("spendable after 2 days, lasts 2 days") && two.contains("for every 2 pieces bought"))
    }

    @Test(
        "conditions on people",
        arguments: [(1, "1 day", "1 time today"), (2, "2 days", "2 times in the last 2 days")])
    func criteria(_ number: Int, _ days: String, _ times: String) throws {
        let criteria = try Criteria(
            parsing: """
                {"where":{"kind":"all","of":[
                {"kind":"did","event":{"names":["Bought"]},"compare":{"is":"exactly","value":\(number)},
                 "within":{"last_days":\(number)}},
                {"kind":"stage_days","is":"more_than","value":\(number)},
                {"kind":"tier_days","is":"between","value":0,"upper":\(number)}]}}
                """)
        let words = criteria.words(CriteriaPhrases(.english))
        #expect(words.contains("did “Bought” exactly \(times)"), "\(words)")
        #expect(words.contains("has been in the stage for more than \(days)"), "\(words)")
        #expect(words.contains("has had the tier for between 0 and \(days)"), "\(words)")
        #expect(DateTest.moreThanDaysAgo(Int64(number)).words(.english) == "is more than \(days) ago")
    }

    @Test("what is announced of tiers and printed on coupons")
    func tiersAndCoupons() {
        func text(_ number: Int) -> String {
            let ladder = TierLadder(
                tiers: [
                    Tier(code: "base"),
                    Tier(
                        code: "top",
                        rule: TierRule([TierIndicator("points", Int64(number)), TierIndicator("orders", Int64(number))]
                        ),
                        benefits: [Benefit(code: "cake", kind: .gift, occasion: .entry, validDays: number)]),
                ], period: TierPeriod(kind: .rolling, months: number), noticeDays: [number], graceDays: number)
            return TierText(ladder, TierWords(.english, currency: "CNY")).text
        }
        let (one, two) = (text(1), text(2))
        for noun in ["points", "orders", "days", "months"] { #expect(!one.contains("1 \(noun)"), "\(one)") }
        #expect(one.contains("is told 1 day before") && one.contains("For 1 day after it"))
        #expect(one.contains("valid for 1 day") && one.contains("1 point ") && one.contains("The last 1 month counts."))
        for noun in ["points", "orders", "days", "months"] { #expect(two.contains("2 \(noun)"), "\(two)") }

        let print = CouponPrint(.english, .utc)
        #expect(print.text(.usedUp(limit: 1), currency: "CNY") == "Its only use is taken.")
        #expect(print.text(.usedUp(limit: 3), currency: "CNY") == "All 3 uses are taken.")
        #expect(print.text(.tier(wanted: ["gold"]), currency: "CNY") == "It is for the tier gold.")
        #expect(print.text(.tier(wanted: ["gold", "black"]), currency: "CNY") == "It is for the tiers gold, black.")
    }

    @Test("sentences of journeys")
    func journeys() {
        #expect(
            JourneySpan(1, .weeks).words(.english) == "1 week" && JourneySpan(3, .hours).words(.english) == "3 hours")
        #expect(JourneyReentry.afterDays(1).words(.english) == "at most once in 1 day")
        #expect(JourneyReentry.afterDays(30).words(.english) == "at most once in 30 days")
        // A brand names its currency: only “points” is known to have another form.
        #expect(EnglishCount.name("Growth points", afterOne: true) == "Growth point")
        #expect(EnglishCount.name("Stars", afterOne: true) == "Stars")
        #expect(EnglishCount.name("Points", afterOne: false) == "Points")
    }
}
