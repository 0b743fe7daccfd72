import CCrypto
import Engine
import Foundation

/// The tracker's script as it is served: for a page's `<script>`, and as a module. Every version that was released
/// stays, so that pages with an integrity hash go on working.
struct TrackerScript: Sendable {
    struct File: Sendable {
        var bytes: [UInt8]
        var gzipped: [UInt8]?
        /// Subresource Integrity: `sha384-…`.
        var integrity: String
    }

    static let latest = "1.0.0"
    static let versions = ["1.0.0"]

    /// By `VERSION/NAME`.
    let files: [String: File]

    static let script = "perennial.js"
    static let module = "perennial.mjs"

    /// The scripts beside the program.
    static let shared = TrackerScript(folder: (Bundle.module.resourcePath ?? "") + "/Assets/tracker")

    init(folder: String) {
        var files: [String: File] = [:]
        for version in Self.versions {
            guard let data = FileManager.default.contents(atPath: "\(folder)/perennial-\(version).js") else { continue }
            let core = String(decoding: data, as: UTF8.self)
            files["\(version)/\(Self.script)"] = File("(() => {\n" + core + Self.start + "})();\n")
            files["\(version)/\(Self.module)"] = File(core + "export default perennial;\n")
        }
        self.files = files
    }

    func file(version: String, _ name: String) -> File? { files["\(version)/\(name)"] }

    /// What a page pastes.
    func tag(key: String, address: String) -> String {
        let integrity = file(version: Self.latest, Self.script)?.integrity ?? ""
        return """
            <script src="\(address)/t/\(Self.latest)/\(Self.script)" integrity="\(integrity)"
              crossorigin="anonymous" data-key="\(key)" async></script>
            """
    }

    /// Starts by the attributes of the page's own tag, and does what was asked for before the script had come.
    private static let start = """
        const tag = document.currentScript, asked = (window.perennial && window.perennial.q) || [];
        window.perennial = perennial;
        if (tag && tag.dataset.key) {
          const a = tag.dataset, options = { host: a.host || new URL(tag.src).origin, consent: a.consent, dnt: a.dnt, domain: a.domain };
          for (const name of (a.off || "").split(",")) if (name) options[name.trim()] = false;
          perennial.load(a.key, options);
        }
        for (const call of asked) perennial[call[0]] && perennial[call[0]](...call.slice(1));

        """
}

extension TrackerScript.File {
    fileprivate init(_ text: String) {
        bytes = Array(text.utf8)
        gzipped = Gzip.compressed(bytes, level: 9)
        var digest = [UInt8](repeating: 0, count: Int(SHA384_DIGEST_LENGTH))
        _ = SHA384(bytes, bytes.count, &digest)
        integrity = "sha384-" + Base64.encode(digest)
    }
}
