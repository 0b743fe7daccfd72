import Engine
import Foundation

/// The files a browser keeps: our styles, scripts and icons, and the libraries that were fetched beside the program.
///
/// Each is served under `/assets/HASH/NAME`, so that a browser may keep it for ever; ECharts is read on first use. The
/// files of `Assets/css` go out as one stylesheet, in the order of their paths, and so do those of `Assets/centre`; those
/// of `Assets/js` as the modules they are, all under one hash, so that they find each other by name.
package final class AssetStore: Sendable {
    struct Asset: Sendable {
        var bytes: [UInt8]
        var gzipped: [UInt8]?
        var type: String
    }

    /// Addresses for the page frame.
    package let stylesheet: String
    /// Of the member centre, which has no other.
    package let centreStyle: String
    package let script: String
    /// The modules that every page needs at once, for the browser to fetch beside `script`.
    package let modules: [String]
    package let icons: String
    package let mark: String
    /// Nil when the library was not fetched; the console then works without partial updates.
    package let htmx: String?
    /// Nil when the library was not fetched; charts then show their tables.
    package let charts: String?

    private let ready: [String: Asset]
    private let chartsFolder: String?
    private let lazy = LazyAssets()

    /// Throws: `ConsoleFault.missingResources` when the program's own files are not beside it.
    package init(ownFolder: String, fetchedFolder: String) throws {
        var ready: [String: Asset] = [:]
        func own(_ name: String) throws -> String {
            guard let data = FileManager.default.contents(atPath: ownFolder + "/" + name) else {
                throw ConsoleFault.missingResources(ownFolder + "/" + name)
            }
            return AssetStore.add(name, Array(data), to: &ready)
        }
        let styles = try AssetStore.files(".css", under: ownFolder + "/css").flatMap(\.bytes)
        stylesheet = AssetStore.add("perennial.css", styles, to: &ready)
        let centre = try AssetStore.files(".css", under: ownFolder + "/centre").flatMap(\.bytes)
        centreStyle = AssetStore.add("centre.css", centre, to: &ready)
        let scripts = try AssetStore.files(".js", under: ownFolder + "/js")
        let version = AssetStore.mark(scripts.flatMap(\.bytes))
        for file in scripts { AssetStore.add(file.name, file.bytes, version: version, to: &ready) }
        script = "/assets/\(version)/perennial.js"
        modules = AssetStore.atOnce.map { "/assets/\(version)/\($0)" }
        icons = try own("icons.svg")
        mark = try own("mark.svg")
        let htmxFolder = AssetStore.newest("django-htmx-", in: fetchedFolder)
        let library = htmxFolder.flatMap { FileManager.default.contents(atPath: $0 + "/htmx-2.min.js") }
        htmx = library.map { AssetStore.add("htmx.js", Array($0), to: &ready) }
        let folder = AssetStore.newest("nicegui-", in: fetchedFolder)
        let hasCharts = folder.map { FileManager.default.fileExists(atPath: $0 + "/index.js") } ?? false
        chartsFolder = hasCharts ? folder : nil
        charts = hasCharts ? "/assets/\(AssetStore.mark(Array((folder ?? "").utf8)))/echarts/index.js" : nil
        self.ready = ready
    }

    /// The file behind an address under `/assets/`, or nil.
    func asset(_ path: String) async -> Asset? {
        if let asset = ready[path] { return asset }
        guard let charts, let chartsFolder, let cut = charts.lastIndex(of: "/") else { return nil }
        let prefix = charts[...cut]
        guard path.hasPrefix(prefix) else { return nil }
        let name = String(path.dropFirst(prefix.count))
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        guard isPlain, name.hasSuffix(".js"), !name.hasPrefix(".") else { return nil }
        return await lazy.read(chartsFolder + "/" + name)
    }

    private static let atOnce = ["page.js", "toasts.js", "palette.js", "behaviours.js", "panels.js", "tray.js"]

    /// The files of a folder and of the folders in it, by path. Throws: `ConsoleFault.missingResources`.
    private static func files(_ ending: String, under folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let paths = (FileManager.default.subpaths(atPath: folder) ?? []).filter { $0.hasSuffix(ending) }.sorted()
        let files = paths.compactMap { path in
            FileManager.default.contents(atPath: folder + "/" + path).map { (name: path, bytes: Array($0)) }
        }
        guard !files.isEmpty, files.count == paths.count else { throw ConsoleFault.missingResources(folder) }
        return files
    }

    @discardableResult
    private static func add(
        _ name: String, _ bytes: [UInt8], version: String? = nil, to ready: inout [String: Asset]
    ) -> String {
        let path = "/assets/\(version ?? mark(bytes))/\(name)"
        ready[path] = Asset(bytes: bytes, gzipped: Gzip.compressed(bytes, level: 9), type: type(of: name))
        return path
    }

    private static func mark(_ bytes: [UInt8]) -> String {
        String(Digest.sha256(bytes).prefix(12))
    }

    fileprivate static func type(of name: String) -> String {
        if name.hasSuffix(".css") { return "text/css; charset=utf-8" }
        if name.hasSuffix(".svg") { return "image/svg+xml" }
        return "text/javascript; charset=utf-8"
    }

    private static func newest(_ prefix: String, in folder: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let matches = names.filter { $0.hasPrefix(prefix) }
        return matches.max { $0.compare($1, options: .numeric) == .orderedAscending }.map { folder + "/" + $0 }
    }
}

/// Files read and compressed on first use, each once.
private actor LazyAssets {
    private var known: [String: AssetStore.Asset] = [:]

    func read(_ file: String) -> AssetStore.Asset? {
        if let asset = known[file] { return asset }
        guard let data = FileManager.default.contents(atPath: file) else { return nil }
        let bytes = Array(data)
        let asset = AssetStore.Asset(
            bytes: bytes, gzipped: Gzip.compressed(bytes), type: AssetStore.type(of: file))
        known[file] = asset
        return asset
    }
}
