import Storage

/// The picture of a page in windows of one width.
package struct HeatmapPicture: Sendable, Equatable {
    package var page: String
    package var band: HeatmapBand
    package var file: PictureFile
    package var uploadedAt: Timestamp
}

/// What can be wrong with a picture.
package enum HeatmapPictureError: Error, Sendable, Equatable {
    case tooLarge(limit: Int)
    /// Neither PNG, JPEG nor WebP, or its size cannot be read.
    case unreadable
    case tooManyPixels(limit: Int)
    /// Not a path of at most so many bytes.
    case badPage(limit: Int)
    case tooMany(limit: Int)
    case notFound
}

package enum HeatmapPictures {
    package static let bytesMax = 5_000_000
    package static let sideMax = 20_000
    package static let pageBytes = 500
    package static let limit = 300

    /// One a page and width; another one takes its place. Throws: `HeatmapPictureError`, `StorageError`.
    @discardableResult
    package static func save(
        _ bytes: [UInt8], page: String, _ band: HeatmapBand, by actor: String, _ connection: any SQLConnection,
        at now: Timestamp
    ) throws -> HeatmapPicture {
        guard bytes.count <= bytesMax else { throw HeatmapPictureError.tooLarge(limit: bytesMax) }
        guard page.hasPrefix("/"), page.utf8.count <= pageBytes else {
            throw HeatmapPictureError.badPage(limit: pageBytes)
        }
        guard let file = PictureFile(bytes) else { throw HeatmapPictureError.unreadable }
        guard max(file.width, file.height) <= sideMax else {
            throw HeatmapPictureError.tooManyPixels(limit: sideMax)
        }
        let count = try connection.first("SELECT count(*) FROM heatmap_pictures")?.int(0) ?? 0
        guard count < limit else { throw HeatmapPictureError.tooMany(limit: limit) }
        try connection.execute(
            """
            INSERT INTO heatmap_pictures (page, band, media_type, width, height, content, uploaded_ms)
            VALUES (\(page), \(band.rawValue), \(file.mediaType), \(Int64(file.width)), \(Int64(file.height)),
                \(bytes), \(now.milliseconds))
            ON CONFLICT (page, band) DO UPDATE SET media_type = excluded.media_type, width = excluded.width,
                height = excluded.height, content = excluded.content, uploaded_ms = excluded.uploaded_ms
            """)
        try AuditLog.append(
            actor: actor, action: "heatmap_picture.save", subject: "page:\(page)", detail: band.rawValue, connection,
            at: now)
        return HeatmapPicture(page: page, band: band, file: file, uploadedAt: now)
    }

    /// Without its bytes; nil when there is none. Throws: `StorageError`.
    package static func find(
        page: String, _ band: HeatmapBand, _ connection: any SQLConnection
    ) throws -> HeatmapPicture? {
        try connection.first(
            """
            SELECT media_type, width, height, uploaded_ms FROM heatmap_pictures
            WHERE page = \(page) AND band = \(band.rawValue)
            """
        ).map { row in
            HeatmapPicture(
                page: page, band: band,
                file: PictureFile(try row.text(0), Int(try row.int(1)), Int(try row.int(2))),
                uploadedAt: Timestamp(milliseconds: try row.int(3)))
        }
    }

    /// Throws: `HeatmapPictureError.notFound`, `StorageError`.
    package static func content(
        page: String, _ band: HeatmapBand, _ connection: any SQLConnection
    ) throws -> (mediaType: String, bytes: [UInt8]) {
        let row = try connection.first(
            "SELECT media_type, content FROM heatmap_pictures WHERE page = \(page) AND band = \(band.rawValue)")
        guard let row else { throw HeatmapPictureError.notFound }
        return (try row.text(0), try row.blob(1))
    }

    /// Throws: `HeatmapPictureError.notFound`, `StorageError`.
    package static func remove(
        page: String, _ band: HeatmapBand, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let removed = try connection.execute(
            "DELETE FROM heatmap_pictures WHERE page = \(page) AND band = \(band.rawValue)")
        guard removed == 1 else { throw HeatmapPictureError.notFound }
        try AuditLog.append(
            actor: actor, action: "heatmap_picture.remove", subject: "page:\(page)", detail: band.rawValue, connection,
            at: now)
    }
}
