import Storage

/// Where people click on a page and how far they scroll.
package enum HeatmapReport: InsightReport {
    package static let name = "heatmap"
    package static let summary =
        "Clicks on a page by element and place, clicks on what cannot be clicked, clicks in rage, and how far the page "
        + "is scrolled; by the width of the window."
    package static let parameters = [
        ReportParameter("page", .text, "The path of the page, `/tea`; the one with the most clicks unless told."),
        ReportParameter(
            "width", .words(["all"] + HeatmapBand.allCases.map(\.rawValue)), usual: "all",
            "Phones to 767 pixels, tablets to 1,023, computers beyond."),
    ]
    package static let panels = ["figures", "elements", "reach", "cells", "pages"]

    private static let elementsMax = 50
    private static let cellsMax = 1_000
    private static let pagesMax: Int64 = 50

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        switch name {
        case "figures": try await figures(question)
        case "elements": try await elements(question)
        case "reach": try await reach(question)
        case "cells": try await cells(question)
        case "pages": try await pages(question)
        default: throw ReportError.unknownPanel(name)
        }
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        try await question.analytics.query(
            try await HeatmapQuery(question).people(place), limits: question.limits
        ).ints(0)
    }

    /// The page that the figures are about, and how it is usually seen. Throws: `StorageError`.
    package static func frame(
        _ question: ReportQuestion
    ) async throws -> (page: String, frame: (origin: String, width: Int64, height: Int64)?) {
        let query = try await HeatmapQuery(question)
        return (query.page, try await query.frame())
    }

    private static func figures(_ question: ReportQuestion) async throws -> ReportPanel {
        let query = try await HeatmapQuery(question)
        let now = try await query.sums()
        let before = try await HeatmapQuery(question.about(question.other), page: query.page).sums()
        var panel = ReportPanel("figures")
        panel.figures = [
            .init("clicks", now.clicks, before: before.clicks, people: ReportPlace("clicked")),
            .init("click_people", now.people, before: before.people, people: ReportPlace("clicked")),
            .init("dead_clicks", now.dead, before: before.dead, people: ReportPlace("dead")),
            .init("rage_clicks", now.rage, before: before.rage, people: ReportPlace("rage")),
        ]
        return panel
    }

    private static func elements(_ question: ReportQuestion) async throws -> ReportPanel {
        let elements = try await HeatmapQuery(question).elements()
        let all = elements.reduce(0) { $0 + $1.sums.clicks }
        var panel = ReportPanel("elements")
        panel.chart = .bar
        panel.labels = ["element", "element_text"]
        panel.columns = [
            .init("clicks"), .init("share", .percent, isDrawn: false), .init("people", isDrawn: false),
            .init("dead_clicks", isDrawn: false), .init("rage_clicks", isDrawn: false),
            .init("inside_x", .percent, isDrawn: false), .init("inside_y", .percent, isDrawn: false),
        ]
        panel.rows = elements.prefix(elementsMax).map { element in
            let (sums, mark) = (element.sums, ReportPlace("element", element.selector))
            return .init(
                [element.selector, element.label],
                [sums.clicks, sums.clicks / all, sums.people, sums.dead, sums.rage, element.x, element.y],
                people: [mark, nil, mark, nil, nil, nil, nil])
        }
        if elements.count > elementsMax { panel.notes = ["rows_cut"] }
        return panel
    }

    private static func reach(_ question: ReportQuestion) async throws -> ReportPanel {
        let reached = try await HeatmapQuery(question).reach()
        var panel = ReportPanel("reach")
        panel.chart = .area
        panel.unit = .percent
        panel.labels = ["scroll_depth"]
        panel.columns = [
            .init("reached", .percent), .init("openings", isDrawn: false), .init("people", isDrawn: false),
        ]
        let all = reached.first?.openings ?? 0
        panel.rows = reached.map { tenth, openings, people in
            let mark = ReportPlace("reach", String(tenth * 10))
            return .init(["\(tenth * 10) %"], [openings / all, openings, people], people: [mark, nil, mark])
        }
        return panel
    }

    private static func cells(_ question: ReportQuestion) async throws -> ReportPanel {
        let cells = try await HeatmapQuery(question).cells()
        var panel = ReportPanel("cells")
        panel.labels = ["cell_column", "cell_line"]
        panel.columns = [.init("clicks"), .init("people", isDrawn: false)]
        panel.rows = cells.prefix(cellsMax).map { cell in
            let mark = ReportPlace("cell", "\(cell.column)/\(cell.line)")
            return .init(
                [String(cell.column), String(cell.line)], [cell.clicks, cell.people], people: [mark, mark])
        }
        if cells.count > cellsMax { panel.notes = ["cells_cut"] }
        return panel
    }

    private static func pages(_ question: ReportQuestion) async throws -> ReportPanel {
        let pages = try await HeatmapQuery.pages(question, most: pagesMax)
        var panel = ReportPanel("pages")
        panel.chart = .bar
        panel.labels = ["page"]
        panel.columns = [.init("clicks"), .init("people", isDrawn: false)]
        panel.rows = pages.map { page, clicks, people in
            let mark = ReportPlace("page", page)
            return .init([page], [clicks, people], people: [mark, mark])
        }
        return panel
    }
}
