import CQRCode

/// A text as a QR code (ISO/IEC 18004), as the outline of an SVG picture.
struct QRCode {
    /// Modules along a side, without the quiet zone.
    let size: Int
    /// An SVG path with one unit a module.
    let path: String
    /// Row by row.
    private let ink: [Bool]

    /// Modules of white around it that scanners need.
    static let quietModules = 4

    /// Nil when the text is too long for a QR code.
    init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        size = Int(code.pointee.width)
        var path = ""
        var ink: [Bool] = []
        for row in 0..<size {
            for column in 0..<size {
                let isInk = code.pointee.data[row * size + column] & 1 == 1
                ink.append(isInk)
                guard isInk else { continue }
                path += "M\(column + QRCode.quietModules) \(row + QRCode.quietModules)h1v1h-1z"
            }
        }
        self.path = path
        self.ink = ink
    }

    /// Whether a module is dark; those of the margin are not.
    func isInk(_ row: Int, _ column: Int) -> Bool {
        0..<size ~= row && 0..<size ~= column && ink[row * size + column]
    }

    var side: Int { size + 2 * QRCode.quietModules }
}
