import Engine
import Foundation

/// The key under which secrets are sealed: from the settings, or from a file in the data folder that is made on first
/// use. Every process on the same stores needs the same one, and it belongs beside no backup.
enum SecretKey {
    /// Throws: `CommandFailure` when the file cannot be read or made, or holds no key.
    static func seal(_ configuration: PlatformConfiguration) throws -> Seal {
        if let key = configuration.secretKey { return Seal(key: key) }
        let path = configuration.data.secretKeyFile
        if !FileManager.default.fileExists(atPath: path) { try make(path) }
        guard let content = FileManager.default.contents(atPath: path),
            let key = bytes(String(decoding: content, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            throw CommandFailure(
                "\(path) holds no key of \(Seal.keyBytes * 2) hexadecimal digits.",
                remedy: "Put the file back as it was, or set PERENNIAL_SECRET_KEY.")
        }
        return Seal(key: key)
    }

    /// Nil unless the text is a key in hexadecimal.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == Seal.keyBytes * 2 else { return nil }
        var out: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
                return nil
            }
            out.append(byte)
        }
        return out
    }

    /// Two processes that start together make one file: who comes second finds the first one's.
    private static func make(_ path: String) throws {
        let text = Effects.live.randomHex(bytes: Seal.keyBytes) + "\n"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { return }
            throw CommandFailure(
                "\(path) cannot be made: \(String(cString: strerror(errno))).",
                remedy: "Give this user the right to write there, or set PERENNIAL_SECRET_KEY.")
        }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else {
            throw CommandFailure("\(path) cannot be written.", remedy: "Free some space, remove the file, try again.")
        }
    }
}
