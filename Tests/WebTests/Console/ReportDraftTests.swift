import Engine
import Testing

@testable import Web

@Suite("The form of a report")
struct ReportDraftTests {
    private func draft(_ query: String, _ report: any InsightReport.Type = FunnelReport.self) -> ReportDraft {
        ReportDraft(report, Fields(encoded: query))
    }

    /// A definition, as it stands after the form has shown and read it.
    private func again(_ text: String) -> String { ReportEventRow(text: text).text }

    @Test("an address that was kept is read as it is, and goes nowhere")
    func kept() {
        let names = draft("steps=Product+Viewed%0AOrder+Completed&window=3")
        #expect(!names.isForm && !names.isUnfinished)
        #expect(names.rows["steps"]?.map(\.names) == ["Product Viewed", "Order Completed"])
        #expect(names.query.text("steps") == "Product Viewed\nOrder Completed" && names.query.text("window") == "3")
        let listed = draft(
            "steps=" + Fields.encoded(#"["Tea Poured",{"names":["A","B"]},{"names":["C"],"hours":[7]}]"#))
        #expect(!listed.isForm)
        #expect(listed.rows["steps"]?.map(\.names) == ["Tea Poured", "A, B", ""])
        #expect(listed.rows["steps"]?.last?.json == #"{"hours":[7],"names":["C"]}"#)
        #expect(listed.rows["steps"]?.last?.nameList == ["C"])
    }

    @Test("the fields of a form become the words of an address, the steps in their order")
    func fields() {
        let asked = draft(
            "from=2026-11-01&steps=Order+Completed&steps_property=total&steps_is=at_least&steps_value=100"
                + "&steps_property=coupon&steps_is=not_set&steps_value=&steps_json=&steps=&steps_json="
                + "&steps=Checkout+Started,+Cart+Viewed&steps_json=&exclude=&exclude_json=&by=source&by_other=+shop+")
        #expect(asked.isForm)
        #expect(
            asked.query.text("steps")
                == #"{"names":["Order Completed"],"where":[{"is":"at_least","property":"total","value":100},"#
                + #"{"is":"set","not":true,"property":"coupon"}]}"# + "\nCheckout Started, Cart Viewed")
        #expect(asked.query.text("by") == "shop" && asked.query.text("from") == "2026-11-01")
        #expect(Set(asked.query.pairs.map(\.name)) == ["from", "steps", "by"])
        // What was made of it needs no second look, and says the same.
        let next = ReportDraft(FunnelReport.self, asked.query)
        #expect(!next.isForm && next.query == asked.query)
        #expect(next.rows["steps"]?.first?.conditions.map(\.test) == ["at_least", "not_set"])
        #expect(draft("steps=B&steps=A").query.text("steps") == "B\nA")
    }

    @Test("JSON that is written counts instead of the row's fields")
    func code() {
        let json = Fields.encoded(#"{"names": ["A"], "weekdays": [6, 7]}"#)
        let asked = draft(
            "event=B&event_property=x&event_is=equals&event_value=1&event_json=\(json)", ExploreReport.self)
        #expect(asked.query.text("event") == #"{"names":["A"],"weekdays":[6,7]}"#)
        // What is no JSON is kept for whoever wrote it, for the report to say what is wrong.
        #expect(draft("event=&event_json=%7Bnames", ExploreReport.self).query.text("event") == "{names")
    }

    @Test("conditions go through the form unchanged")
    func conditions() {
        for tests in [
            #"[{"is":"equals","property":"colour","values":["red","green"]}]"#,
            #"[{"is":"starts_with","not":true,"property":"path","values":["/tea"]}]"#,
            #"[{"is":"between","property":"total","upper":20.5,"value":10}]"#,
            #"[{"is":"true","property":"gift"},{"is":"set","property":"coupon"}]"#,
        ] {
            let text = #"{"names":["Tea Poured"],"where":"# + tests + "}"
            let row = ReportEventRow(text: text)
            #expect(row.json.isEmpty && !row.conditions.isEmpty, "\(tests)")
            #expect(row.text == text)
        }
        let written = ReportEventRow(
            names: "Tea Poured", conditions: [.init(property: "colour", test: "equals", values: "红，绿、blue")])
        #expect(written.text.contains(#""values":["红","绿","blue"]"#))
        #expect(ReportEventRow(names: "A", conditions: [.init()]).text == "A")
    }

    @Test("what the form cannot say stays JSON, whole")
    func unsayable() {
        for text in [
            #"{"devices":["ios"],"names":["A"]}"#, #"{"names":["A, B"]}"#, #"{"names":["A"],"where":[{"is":"odd"}]}"#,
            #"{"names":["A"],"where":[{"is":"equals","property":"p","values":["x, y"]}]}"#,
            #"{"names":["A"],"where":[{"is":"at_least","not":true,"property":"p","value":1}]}"#, #"{"where":5}"#,
            #"{"names":["A"],"where":[{"is":"equals","property":"p","values":[5]}]}"#,
        ] {
            #expect(ReportEventRow(text: text).json == text)
            #expect(again(text) == text)
        }
    }

    @Test("a number too many or none is left for the report to refuse")
    func refused() {
        func value(_ test: String, _ values: String) -> String {
            ReportEventRow(names: "A", conditions: [.init(property: "p", test: test, values: values)]).text
        }
        #expect(value("at_least", "1, 2").contains(#""value":"1, 2""#))
        #expect(value("between", "1").contains(#""upper":"""#))
        #expect(value("between", "1, 2, 3").contains(#""upper":"2, 3""#))
        #expect(value("more_than", "ten").contains(#""value":"ten""#))
    }

    @Test("rows and conditions are added and removed, and at least two steps are shown")
    func rows() {
        let steps = "steps=A&steps_json=&steps=B&steps_json=&steps=C&steps_json="
        let more = draft(steps + "&do=add:steps")
        #expect(more.isUnfinished && more.rows["steps"]?.map(\.names) == ["A", "B", "C", ""])
        #expect(more.query["do"] == nil && more.query.text("steps") == "A\nB\nC")
        #expect(draft(steps + "&do=remove:steps:1").rows["steps"]?.map(\.names) == ["A", "C"])
        #expect(draft(steps + "&do=remove:steps:9").rows["steps"]?.count == 3)
        let narrowed = draft(steps + "&do=where:steps:2")
        #expect(narrowed.rows["steps"]?.map(\.conditions.count) == [0, 0, 1])
        let condition = "&steps_property=p&steps_is=set&steps_value=&do=unwhere:steps:2:0"
        #expect(draft(steps + condition).rows["steps"]?.last?.conditions == [])
        // Fields that are still empty stay so while the form is changed; otherwise the usual events stand there.
        #expect(draft("steps=&steps=&do=fields").rows["steps"]?.map(\.names) == ["", ""])
        #expect(draft("steps=A").rows["steps"]?.map(\.names) == ["A", ""])
        #expect(draft("").rows["steps"]?.count == 4 && draft("").rows["exclude"]?.count == 1)
    }
}
