import Engine
import Hummingbird
import NIOCore
import Storage

/// Clicks drawn over a page: over its picture, or over a live frame of it.
struct HeatmapMapModel: PageModel {
    struct Spot: Encodable, Sendable {
        /// In hundredths of the page.
        var x: String
        var y: String
        var heat: String
        var href: String
        var title: String
    }

    struct Below: Encodable, Sendable {
        var address: String
        var width: Int
        var height: Int
    }

    var page: String
    var picture: Below?
    var frame: Below?
    /// Why the page itself cannot be shown.
    var note: String?
    var spots: [Spot]
    var isEmpty: Bool
    var uploads: Upload?
    var problem: String?

    struct Upload: Encodable, Sendable {
        var page: String
        var band: String
        var hasPicture: Bool
        var limit: String
    }
}

enum HeatmapMap {
    private static let usual: (width: Int64, height: Int64) = (1_280, 2_400)
    private static let sides: ClosedRange<Int64> = 300...20_000

    /// Where frames of the console may come from: the sites that the workspace declared.
    static func origins(_ request: PageRequest) async throws -> [String] {
        let hosts = try await request.platform.store.read { try ChannelTargets.list($0) }
        return hosts.flatMap { host -> [String] in
            let name = host.hasPrefix(".") ? "*" + host : host
            return ["https://\(name):*", "http://\(name):*"]
        }
    }

    static func show(_ request: PageRequest) async throws -> Reply {
        let words = ReportWords(request.wording)
        do {
            return .panel(template: "heatmap/map", model: try await model(request, words))
        } catch let error as ReportError {
            return .panel(
                template: "heatmap/map",
                model: HeatmapMapModel(page: "", spots: [], isEmpty: true, problem: words.problem(error)))
        }
    }

    private static func model(_ request: PageRequest, _ words: ReportWords) async throws -> HeatmapMapModel {
        let values = ReportFields.values(request.query)
        let question = try await ReportQuestion(HeatmapReport.self, values, request.platform)
        let (page, frame) = try await HeatmapReport.frame(question)
        let cells = try await HeatmapReport.panel("cells", question)
        let band = HeatmapBand(rawValue: question.text("width"))
        let host = frame.flatMap { Self.host($0.origin) }
        let (picture, isDeclared) = try await request.platform.store.read { connection in
            (
                try band.flatMap { try HeatmapPictures.find(page: page, $0, connection) },
                try host.map { try ChannelTargets.allows($0, connection) } ?? false
            )
        }
        var model = HeatmapMapModel(
            page: page, spots: spots(cells, ReportFields.pairs(question, comparison: ""), request),
            isEmpty: cells.rows.isEmpty)
        if let picture {
            model.picture = HeatmapMapModel.Below(
                address: address(page, picture.band) + "&at=\(picture.uploadedAt.milliseconds)",
                width: picture.file.width, height: picture.file.height)
        } else if let frame, isDeclared {
            let (width, height) = (size(frame.width, usual.width), size(frame.height, usual.height))
            model.frame = HeatmapMapModel.Below(address: frame.origin + page, width: width, height: height)
        } else if let host {
            model.note = request.text("heatmap.not_declared", ["host": host])
        }
        if let band, !page.isEmpty, request.user.role.may(.manageChannels) {
            model.uploads = HeatmapMapModel.Upload(
                page: page, band: band.rawValue, hasPicture: picture != nil,
                limit: request.wording.bytes(Int64(HeatmapPictures.bytesMax)))
        } else if band == nil, model.note == nil {
            model.note = request.text("heatmap.choose_width")
        }
        return model
    }

    private static func size(_ found: Int64, _ usual: Int64) -> Int {
        Int(sides.contains(found) ? found : usual)
    }

    /// Without a port.
    private static func host(_ origin: String) -> String? {
        let parts = origin.components(separatedBy: "://")
        guard parts.count == 2, ["http", "https"].contains(parts[0]) else { return nil }
        return parts[1].split(separator: ":").first.map(String.init)
    }

    static func address(_ page: String, _ band: HeatmapBand) -> String {
        "/insight/heatmap/picture?page=\(Fields.encoded(page))&width=\(band.rawValue)"
    }

    private static let heats = 6.0

    private static func spots(
        _ panel: ReportPanel, _ values: [String: String], _ request: PageRequest
    ) -> [HeatmapMapModel.Spot] {
        let most = panel.rows.compactMap { $0.values.first ?? nil }.max() ?? 1
        // Small ones first, so that hot ones lie on top.
        return panel.rows.reversed().compactMap { row in
            guard let column = Double(row.labels[0]), let line = Double(row.labels[1]),
                let clicks = row.values[0], let people = row.values[1], let place = row.people[0]
            else { return nil }
            let heat = max(1, Int((clicks / most * heats).rounded(.up)))
            return HeatmapMapModel.Spot(
                x: String((column + 0.5) * 2), y: String(line + 0.5), heat: String(heat),
                href: MarkAddress.href(
                    .report("heatmap", values: values, ReportPlace(text: place)), count: Int64(people)),
                title: request.text(
                    "heatmap.spot",
                    ["clicks": request.wording.number(Int64(clicks)), "people": request.wording.number(Int64(people))]))
        }
    }

    // MARK: Pictures

    static func picture(_ request: PageRequest) async throws -> Reply {
        let (page, band) = try asked(request.query)
        do {
            let found = try await request.platform.store.read {
                try HeatmapPictures.content(page: page, band, $0)
            }
            return .picture(type: found.mediaType, found.bytes)
        } catch is HeatmapPictureError {
            throw PageFailure.notFound
        }
    }

    static func upload(_ request: PageRequest) async throws -> Reply {
        let (page, band) = try asked(request.query)
        let (actor, now) = (request.actor, request.now)
        do {
            let bytes = try await bytes(request.body)
            _ = try await request.platform.store.write { connection in
                try HeatmapPictures.save(bytes, page: page, band, by: actor, connection, at: now)
            }
            let back = "/insight/heatmap?page=\(Fields.encoded(page))&width=\(band.rawValue)"
            return .json(JSONValue.object(["location": .string(back)]).text())
        } catch let error as HeatmapPictureError {
            return .json(
                JSONValue.object(["message": .string(say(error, request))]).text(), status: .unprocessableContent)
        }
    }

    static func remove(_ request: PageRequest) async throws -> Reply {
        let (page, band) = try asked(request.form)
        let (actor, now) = (request.actor, request.now)
        do {
            try await request.platform.store.write {
                try HeatmapPictures.remove(page: page, band, by: actor, $0, at: now)
            }
        } catch is HeatmapPictureError {
            throw PageFailure.notFound
        }
        return .redirect(to: "/insight/heatmap?page=\(Fields.encoded(page))&width=\(band.rawValue)")
    }

    /// Throws: `HeatmapPictureError.tooLarge`.
    static func bytes(_ body: RequestBody) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: HeatmapPictures.bytesMax).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw HeatmapPictureError.tooLarge(limit: HeatmapPictures.bytesMax)
        }
    }

    private static func asked(_ fields: Fields) throws -> (String, HeatmapBand) {
        guard let band = HeatmapBand(rawValue: fields.text("width")) else { throw PageFailure.notFound }
        return (fields.text("page"), band)
    }

    private static func say(_ error: HeatmapPictureError, _ request: PageRequest) -> String {
        switch error {
        case .tooLarge(let limit):
            request.text("heatmap.too_large", ["limit": request.wording.bytes(Int64(limit))])
        case .unreadable: request.text("heatmap.unreadable")
        case .tooManyPixels(let limit):
            request.text("heatmap.too_many_pixels", ["limit": request.wording.number(Int64(limit))])
        case .badPage(let limit):
            request.text("heatmap.bad_page", ["limit": request.wording.number(Int64(limit))])
        case .tooMany(let limit):
            request.text("heatmap.too_many", ["limit": request.wording.number(Int64(limit))])
        case .notFound: request.text("insight.error_unknown")
        }
    }
}
