/// Signatures of Tencent Cloud, TC3-HMAC-SHA256 (*Signature Method v3*).
struct TencentSignature {
    var keyID: String
    var secret: String
    var host: String
    var service: String
    var action: String
    /// Seconds since 1970.
    var seconds: Int64

    static let algorithm = "TC3-HMAC-SHA256"
    static let contentType = "application/json; charset=utf-8"

    /// The value of `Authorization` for a JSON body.
    func authorization(_ body: [UInt8]) -> String {
        let date = LocalCalendar.text(ofDay: seconds / 86_400)
        let names = "content-type;host;x-tc-action"
        let headers = "content-type:\(Self.contentType)\nhost:\(host)\nx-tc-action:\(action.lowercased())\n"
        let canonical = ["POST", "/", "", headers, names, Digest.sha256(body)].joined(separator: "\n")
        let scope = "\(date)/\(service)/tc3_request"
        let text = [Self.algorithm, String(seconds), scope, Digest.sha256(Array(canonical.utf8))].joined(
            separator: "\n")
        var key = Array("TC3\(secret)".utf8)
        for part in [date, service, "tc3_request"] { key = Digest.hmac(Array(part.utf8), key: key) }
        let signature = Digest.hexadecimal(Digest.hmac(Array(text.utf8), key: key))
        return "\(Self.algorithm) Credential=\(keyID)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
    }
}
