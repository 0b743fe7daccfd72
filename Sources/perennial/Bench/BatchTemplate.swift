import Foundation

/// A prebuilt Segment batch request in which only ids are written anew each time: the generator must not compete with
/// the server for the processor.
struct BatchTemplate {
    private static let idDigits = 16
    private static let userDigits = 8

    private(set) var bytes: [UInt8]
    private var messageOffsets: [Int] = []
    private var userOffsets: [Int] = []
    private var timeOffsets: [Int] = []

    /// - Parameter run: tells the message ids of this run from those of others.
    init(host: String, key: String, run: String, connection: Int, events: Int, now: String) {
        var body: [UInt8] = Array(#"{"batch":["#.utf8)
        for index in 0..<events {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            let event = Self.event(index: index, run: run, connection: connection, now: now)
            let start = body.count
            body += Array(event.text.utf8)
            messageOffsets.append(start + event.messageOffset)
            userOffsets.append(start + event.userOffset)
            timeOffsets.append(start + event.timeOffset)
        }
        body += Array("],\"sentAt\":\"".utf8)
        // The server moves times by how far the client's clock is off.
        timeOffsets.append(body.count)
        body += Array("\(now)\"}".utf8)
        let credential = Data("\(key):".utf8).base64EncodedString()
        let head =
            "POST /v1/batch HTTP/1.1\r\nHost: \(host)\r\nAuthorization: Basic \(credential)\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        bytes = Array(head.utf8) + body
        let shift = head.utf8.count
        messageOffsets = messageOffsets.map { $0 + shift }
        userOffsets = userOffsets.map { $0 + shift }
        timeOffsets = timeOffsets.map { $0 + shift }
    }

    /// Writes the ids and the time (RFC 3339 with milliseconds, 24 bytes) of request `number`; `draw` gives the next number
    /// below its argument.
    mutating func fill(number: Int, people: Int, now: String, draw: (Int) -> Int) {
        for offset in timeOffsets { bytes.replaceSubrange(offset..<(offset + now.utf8.count), with: now.utf8) }
        for (index, offset) in messageOffsets.enumerated() {
            // An odd factor is a bijection on 64 bits: never the same id twice, in an order as random as clients' UUIDs.
            let scattered = UInt64(number * messageOffsets.count + index) &* 0x9E37_79B9_7F4A_7C15
            putHexadecimal(scattered, at: offset)
        }
        for offset in userOffsets { put(draw(people), Self.userDigits, at: offset) }
    }

    private mutating func putHexadecimal(_ number: UInt64, at offset: Int) {
        var rest = number
        for place in stride(from: offset + Self.idDigits - 1, through: offset, by: -1) {
            let digit = UInt8(rest & 0xF)
            bytes[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest >>= 4
        }
    }

    private mutating func put(_ number: Int, _ digits: Int, at offset: Int) {
        var rest = number
        for place in stride(from: offset + digits - 1, through: offset, by: -1) {
            bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    private static func event(
        index: Int, run: String, connection: Int, now: String
    ) -> (text: String, messageOffset: Int, userOffset: Int, timeOffset: Int) {
        let names = ["Product Viewed", "Product Added", "Cart Viewed", "Products Searched", "Product Clicked"]
        let before = "{\"type\":\"track\",\"messageId\":\""
        let middle = String(repeating: "0", count: idDigits) + "-\(run)-\(connection)\",\"userId\":\"bench-"
        let named =
            String(repeating: "0", count: userDigits)
            + "\",\"event\":\"\(names[index % names.count])\",\"timestamp\":\""
        let after =
            named
                + """
                \(now)","properties":{"product_id":"SKU-\(index * 37)",\
                "name":"Longjing Green Tea No. \(index)","category":"Green tea","price":\(90 + index).5,"quantity":1,\
                "currency":"CNY","position":\(index),"url":"https://tea.example.com/p/\(index * 37)"},"context":{"library":\
                {"name":"analytics-python","version":"2.4.0"},"ip":"203.0.113.7","locale":"zh-CN","page":{"url":\
                "https://tea.example.com/p/\(index * 37)","referrer":"https://www.example.org/","title":"Tea"}},\
                "integrations":{}}
                """
        let user = before.utf8.count + middle.utf8.count
        return (before + middle + after, before.utf8.count, user, user + named.utf8.count)
    }
}
