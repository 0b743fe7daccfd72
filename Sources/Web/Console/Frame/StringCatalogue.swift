import Foundation

/// The texts of one language: a folder of JSON files, each a flat object; `people.json`'s `title` is `people.title`.
///
/// A value is a text with `{name}` placeholders, or `{"one": …, "other": …}` where the number matters.
package struct StringCatalogue: Sendable {
    package let language: String
    /// For templates: `{{t.people.title}}`.
    let texts: [String: [String: String]]
    private let plurals: [String: [String: String]]

    /// Reads the folder of one language. Throws: `ConsoleFault.unreadable` naming the file.
    package init(language: String, folder: String) throws {
        self.language = language
        var texts: [String: [String: String]] = [:]
        var plurals: [String: [String: String]] = [:]
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
        for file in files.sorted() {
            let room = String(file.dropLast(5))
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
            guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
                throw ConsoleFault.unreadable(file: file)
            }
            for (key, value) in object {
                if let text = value as? String {
                    texts[room, default: [:]][key] = text
                } else if let forms = value as? [String: String], forms["other"] != nil {
                    plurals["\(room).\(key)"] = forms
                } else {
                    throw ConsoleFault.unreadable(file: "\(file): \(key)")
                }
            }
        }
        self.texts = texts
        self.plurals = plurals
    }

    /// Every key, in order.
    package var keys: [String] {
        (texts.flatMap { room, entries in entries.keys.map { "\(room).\($0)" } } + plurals.keys).sorted()
    }

    /// The text under `room.key`, or nil. `count` chooses the plural form (CLDR: `one` for exactly 1 in English, and
    /// `other` always in Chinese).
    func text(_ key: String, count: Int64?) -> String? {
        if let forms = plurals[key] {
            if language == "en", count == 1, let one = forms["one"] { return one }
            return forms["other"]
        }
        let parts = key.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return texts[String(parts[0])]?[String(parts[1])]
    }
}

/// The languages that the console speaks.
package struct StringCatalogues: Sendable {
    let byLanguage: [String: StringCatalogue]

    /// Reads every folder under `folder`, named by language.
    package init(folder: String, languages: [String]) throws {
        var found: [String: StringCatalogue] = [:]
        for language in languages {
            found[language] = try StringCatalogue(language: language, folder: folder + "/" + language)
        }
        byLanguage = found
    }

    /// The catalogue of a language; of the first known one for an unknown language.
    package subscript(_ language: String) -> StringCatalogue {
        get throws {
            if let exact = byLanguage[language] { return exact }
            guard let first = byLanguage.keys.sorted().first, let any = byLanguage[first] else {
                throw ConsoleFault.unreadable(file: "Strings")
            }
            return any
        }
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4, quality values ignored: browsers send
    /// languages in order), or `fallback`.
    package static func language(accepting header: String?, fallback: String) -> String {
        for piece in (header ?? "").split(separator: ",") {
            let tag = piece.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
            if tag.hasPrefix("zh") { return "zh-Hans" }
            if tag.hasPrefix("en") { return "en" }
        }
        return fallback
    }
}

/// A fault of the installation, found at start.
package enum ConsoleFault: Error, Sendable, Equatable {
    case unreadable(file: String)
    case missingResources(String)
}
