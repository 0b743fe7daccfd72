import Engine

/// Pictures of pages, which the console draws click maps over.
enum HeatmapPictureEndpoints {
    private static let tag = "Reports"
    private static let asked: [APIParameter] = [
        .query("page", .string(min: 1, max: HeatmapPictures.pageBytes), "The path of the page.", required: true),
        .query("width", .words(HeatmapBand.allCases.map(\.rawValue)), "The window's width.", required: true),
    ]
    private static let picture = APISchema.named(
        "HeatmapPicture",
        .object([
            APIField("page", .string()), APIField("width", .string()), APIField("media_type", .string()),
            APIField("pixel_width", .integer()), APIField("pixel_height", .integer()),
            APIField("uploaded_at", .timestamp),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/heatmap-pictures", "getHeatmapPicture", tag: tag, "What is known of a page's picture.",
            access: .scope(.insightsRead), parameters: asked, response: picture, handler: get),
        APIRoute(
            .put, "/api/v1/heatmap-pictures", "putHeatmapPicture", tag: tag,
            "Keep a picture of a page, up to 5 MB, in place of the one before.", access: .scope(.insightsWrite),
            parameters: asked,
            body: .stream(
                .string(), contentTypes: ["image/png", "image/jpeg", "image/webp", "application/octet-stream"]),
            response: picture, handler: put),
        APIRoute(
            .delete, "/api/v1/heatmap-pictures", "deleteHeatmapPicture", tag: tag, "Remove a page's picture.",
            access: .scope(.insightsWrite), parameters: asked, response: .object([]), handler: remove),
    ]

    private static func page(_ request: APIRequest) -> (String, HeatmapBand) {
        (request.string("page") ?? "", HeatmapBand(rawValue: request.string("width") ?? "") ?? .desktop)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (page, band) = page(request)
        guard
            let found = try await context.platform.store.read({
                try HeatmapPictures.find(page: page, band, $0)
            })
        else { throw HeatmapPictureError.notFound }
        return APIResponse(json(found))
    }

    @Sendable private static func put(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (page, band) = page(request)
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        let bytes = try await HeatmapMap.bytes(request.raw.body)
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try HeatmapPictures.save(bytes, page: page, band, by: actor, $0, at: now)
                }))
    }

    @Sendable private static func remove(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (page, band) = page(request)
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write {
            try HeatmapPictures.remove(page: page, band, by: actor, $0, at: now)
        }
        return APIResponse([:])
    }

    private static func json(_ picture: HeatmapPicture) -> JSONValue {
        [
            "page": .string(picture.page), "width": .string(picture.band.rawValue),
            "media_type": .string(picture.file.mediaType), "pixel_width": .integer(Int64(picture.file.width)),
            "pixel_height": .integer(Int64(picture.file.height)), "uploaded_at": JSONValue(picture.uploadedAt),
        ]
    }
}

extension Problem {
    static func heatmapPicture(_ error: HeatmapPictureError) -> Problem {
        switch error {
        case .tooLarge(let limit): Problem(.contentTooLarge, "too_large", "A picture has at most \(limit) bytes.")
        case .unreadable:
            Problem(.unprocessableContent, "unreadable_picture", "The picture must be a PNG, JPEG or WebP file.")
        case .tooManyPixels(let limit):
            Problem(.unprocessableContent, "too_many_pixels", "A side has at most \(limit) pixels.")
        case .badPage(let limit):
            Problem(.unprocessableContent, "bad_page", "A page is a path such as /tea of at most \(limit) bytes.")
        case .tooMany(let limit): Problem(.conflict, "too_many", "There are \(limit) pictures already.")
        case .notFound: .notFound("picture")
        }
    }
}
