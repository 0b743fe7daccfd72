import Science

extension LifecycleReport: TabularReport {
    package var tables: [ReportTable] {
        [summaryTable, stageTable, gapTable, conversionTable, recencyTable]
    }

    private var summaryTable: ReportTable {
        ReportTable(
            "Lifecycle as of \(asOf)", [.text("figure"), .number("value")],
            rows: [
                ["first purchase", from ?? "–"], ["buyers", "\(buyers)"], ["purchase days", "\(purchases)"],
                ["mature from order (K)", "\(model.maturityOrders)"],
                ["plateau of conversion", ReportFigure.number(model.plateau)],
                ["thresholds", model.isFitted ? "learnt from this base" : "standard (too few purchases)"],
            ])
    }

    private var stageTable: ReportTable {
        let people = stages.reduce(0) { $0 + $1.people }
        let names = [
            LifecycleStage.introduction: "导入", .growth: "成长", .maturity: "成熟", .decline: "衰退", .churn: "流失",
        ]
        return ReportTable(
            "Stages",
            [
                .text("stage"), .text("中文"), .number("people"), .number("share"), .number("orders"),
                .number("net revenue"), .number("median days in stage"),
            ],
            rows: stages.map { stage in
                [
                    stage.stage.rawValue, names[stage.stage] ?? "", "\(stage.people)",
                    ReportFigure.share(Int64(stage.people), of: Int64(people)), "\(stage.orders)",
                    ReportFigure.money(stage.value, currency),
                    stage.medianDays.map { ReportFigure.number($0, digits: 1) } ?? "–",
                ]
            })
    }

    private var gapTable: ReportTable {
        ReportTable(
            "Days to the next purchase, by orders so far",
            [.text("orders"), .number("gaps"), .text("thresholds of")]
                + GapQuantiles.probabilities.map { .number("q\(Int(($0 * 100).rounded()))") },
            rows: gapQuantiles.map { band in
                let isAll = band.from == nil
                let name = isAll ? "all" : GapQuantiles.name(band.from ?? 1, band.through)
                let own = model.bands.first { $0.from == band.from }?.isPooled == false
                return [name, "\(band.gaps)", isAll ? "" : own ? "this band" : "all gaps"]
                    + GapQuantiles.probabilities.indices.map { index in
                        band.days.indices.contains(index) ? ReportFigure.number(band.days[index]) : "–"
                    }
            })
    }

    private var conversionTable: ReportTable {
        ReportTable(
            "Conversion to the next order",
            [.text("from order"), .number("people"), .number("went on"), .number("conversion")],
            rows: model.conversions.map {
                ["\($0.orders)", "\($0.people)", "\($0.converted)", ReportFigure.number($0.rate)]
            })
    }

    private var recencyTable: ReportTable {
        let labels = ["within q80", "q80 to q90", "beyond q90"]
        return ReportTable(
            "Buyers by recency, thresholds of all gaps", [.text("recency"), .number("people")],
            rows: zip(labels, pooledRecency).map { [$0, "\($1)"] })
    }
}
