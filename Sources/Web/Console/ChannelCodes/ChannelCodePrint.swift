import Engine
import Hummingbird
import NIOCore

/// The QR code of a channel code as a file for the printer.
enum ChannelCodePrint {
    /// Sides of the picture with its white margin.
    static let millimetres = [20, 30, 50, 100, 200]
    static let usualMillimetres = 50
    /// Fine enough for a printer's eye: dots of at most a twelfth of a millimetre.
    private static let dotsPerMillimetre = 12

    /// `format` = `svg` or `png`, `mm` = one of the sizes. Throws: `PageFailure.notFound` also when the address is too long
    /// for a QR code.
    static func download(_ request: PageRequest) async throws -> Reply {
        let code = try await ChannelCodesPage.find(request)
        guard let picture = QRCode(ChannelCodesPage.link(code, request)) else { throw PageFailure.notFound }
        let asked = request.query.int("mm").map(Int.init(truncatingIfNeeded:)) ?? usualMillimetres
        let size = millimetres.contains(asked) ? asked : usualMillimetres
        let name = "\(code.code)-\(size)mm"
        guard request.query.text("format") == "png" else {
            return .download(
                name: name + ".svg", type: "image/svg+xml",
                ResponseBody(byteBuffer: ByteBuffer(string: svg(picture, millimetres: size))))
        }
        return .download(
            name: name + ".png", type: "image/png",
            ResponseBody(byteBuffer: ByteBuffer(bytes: try png(picture, millimetres: size))))
    }

    static func svg(_ picture: QRCode, millimetres size: Int) -> String {
        let side = picture.side
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(size)mm" height="\(size)mm" viewBox="0 0 \(side) \(side)" \
            shape-rendering="crispEdges"><path fill="#fff" d="M0 0h\(side)v\(side)h-\(side)z"/>\
            <path d="\(picture.path)"/></svg>
            """
    }

    /// Every module is as many points wide. Throws: `PNGPicture.Failure`.
    static func png(_ picture: QRCode, millimetres size: Int) throws -> [UInt8] {
        let points = max(1, (size * dotsPerMillimetre + picture.side - 1) / picture.side)
        return try PNGPicture.square(side: picture.side * points, millimetres: size) { row, column in
            picture.isInk(row / points - QRCode.quietModules, column / points - QRCode.quietModules)
        }
    }
}
