/// Signatures of Alibaba Cloud, ACS3-HMAC-SHA256 (*V3 request body and signature mechanism*): every header of the signature
/// is signed, the parameters stand in the query.
struct AliyunSignature {
    var keyID: String
    var secret: String
    /// With its port where it has another than the usual one.
    var host: String
    var action: String
    var version: String
    /// `2023-10-26T10:22:32Z`
    var date: String
    var nonce: String

    static let algorithm = "ACS3-HMAC-SHA256"

    /// Sorted, percent-encoded (RFC 3986): what is signed is what stands in the address.
    static func query(_ parameters: [String: String]) -> String {
        parameters.sorted { $0.key < $1.key }
            .map { "\(OutgoingRequest.encoded($0.key))=\(OutgoingRequest.encoded($0.value))" }.joined(separator: "&")
    }

    /// All headers of a request, `Authorization` among them.
    func headers(method: String = "POST", path: String = "/", query: String, body: [UInt8] = []) -> [ProviderCall
        .Header]
    {
        let hash = Digest.sha256(body)
        let signed: [(name: String, value: String)] = [
            ("host", host), ("x-acs-action", action), ("x-acs-content-sha256", hash), ("x-acs-date", date),
            ("x-acs-signature-nonce", nonce), ("x-acs-version", version),
        ]
        let names = signed.map(\.name).joined(separator: ";")
        let lines = signed.map { "\($0.name):\($0.value)\n" }.joined()
        let canonical = [method, path, query, lines, names, hash].joined(separator: "\n")
        let text = "\(Self.algorithm)\n\(Digest.sha256(Array(canonical.utf8)))"
        let signature = Digest.hexadecimal(Digest.hmac(Array(text.utf8), key: Array(secret.utf8)))
        return signed.map { ProviderCall.Header($0.name, $0.value) } + [
            ProviderCall.Header(
                "Authorization",
                "\(Self.algorithm) Credential=\(keyID),SignedHeaders=\(names),Signature=\(signature)")
        ]
    }
}
