/// The first rows of a file by column, with the notation they were found in.
struct FileSample {
    private(set) var isJSONLines = false
    private(set) var delimiter = ","
    private(set) var hasHeader = true
    private(set) var columns: [ColumnSample] = []
    private(set) var rowCount = 0
    private(set) var estimatedRows: Int64 = 0
    private var values: [[String]] = []
    private var sampledBytes: Int64 = 0
    private let path: String
    private let encoding: TextEncoding

    /// Throws: `ImportError`, `.empty` for a file without any text.
    init(path: String, source: ImportSource, options: ImportOptions) throws(ImportError) {
        self.path = path
        encoding = source.encoding
        let start = try FileSample.start(of: source)
        guard let first = start.first(where: { $0 > ASCII.space }) else { throw .empty }
        if options.isJSONLines == nil, first == UInt8(ascii: "[") {
            throw .notText(reason: "it begins like one JSON list")
        }
        isJSONLines = options.isJSONLines ?? (first == UInt8(ascii: "{"))
        if isJSONLines {
            try readObjects()
        } else {
            delimiter = try checked(options.delimiter) ?? Delimiter.detect(start)
            try readTable(options)
        }
        let bytes = max(sampledBytes, 1)
        let compressed: Int64 = source.isCompressed ? 6 : 1
        estimatedRows =
            rowCount < ImportLimits.sampleRecords
            ? Int64(rowCount) : Int64(rowCount) * (source.fileBytes * compressed / bytes + 1)
    }

    /// The values of a column that are not empty.
    func values(of column: Int) -> [String] {
        values[column].filter { !$0.isEmpty }
    }

    private static func start(of source: ImportSource) throws(ImportError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: ImportLimits.chunkBytes)
        let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(ImportError) in
            try source.read(into: buffer)
        }
        return Array(bytes[..<count])
    }

    private func checked(_ delimiter: String?) throws(ImportError) -> String? {
        guard let delimiter else { return nil }
        let byName = ["tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"]
        let character = byName[delimiter.lowercased()] ?? delimiter
        guard character.utf8.count == 1, character != "\"", character != "\n" else {
            throw .badOption(name: "delimiter", value: delimiter, expected: "one character such as , ; | or tab")
        }
        return character
    }

    // MARK: Tables

    private mutating func readTable(_ options: ImportOptions) throws(ImportError) {
        let byte = delimiter.utf8.first ?? ASCII.comma
        let reader = CSVReader(source: try ImportSource(path: path, encoding: encoding), delimiter: byte)
        var rows: [[String]] = []
        while rows.count <= ImportLimits.sampleRecords {
            switch try reader.next() {
            case .end: return try take(rows, options)
            case .refused: continue
            case .record:
                let row = (0..<reader.cellCount).map { reader.text($0).text }
                sampledBytes += row.reduce(Int64(1)) { $0 + Int64($1.utf8.count) + 1 }
                rows.append(row)
            }
        }
        try take(rows, options)
    }

    private mutating func take(_ rows: [[String]], _ options: ImportOptions) throws(ImportError) {
        guard let first = rows.first else { throw .empty }
        hasHeader = options.hasHeader ?? Header.isHeader(first, of: rows.dropFirst(), mapping: options.mapping)
        let names = hasHeader ? Header.names(first) : first.indices.map { "#\($0 + 1)" }
        let body = hasHeader ? rows.dropFirst() : rows[...]
        rowCount = body.count
        values = names.indices.map { column in body.map { column < $0.count ? $0[column] : "" } }
        columns = zip(names, values).map { ColumnSample(name: $0, values: $1) }
    }

    // MARK: Objects

    private mutating func readObjects() throws(ImportError) {
        let scout = JSONLinesReader(source: try ImportSource(path: path, encoding: encoding), columns: [])
        var names: [String] = []
        var documents: Set<String> = []
        var scouted = 0
        scouting: while scouted < ImportLimits.sampleRecords {
            switch try scout.next() {
            case .end: break scouting
            case .refused: scouted += 1
            case .record:
                scouted += 1
                for (key, kind) in scout.members where names.count < ImportLimits.columns {
                    if !names.contains(key) { names.append(key) }
                    if kind == .object || kind == .array { documents.insert(key) }
                }
            }
        }
        guard !names.isEmpty else { throw .notText(reason: "no line of it is an object of JSON") }
        try readObjects(names: names, documents: documents)
    }

    private mutating func readObjects(names: [String], documents: Set<String>) throws(ImportError) {
        let reader = JSONLinesReader(source: try ImportSource(path: path, encoding: encoding), columns: names)
        values = Array(repeating: [], count: names.count)
        reading: while rowCount < ImportLimits.sampleRecords {
            switch try reader.next() {
            case .end: break reading
            case .refused: rowCount += 1
            case .record:
                rowCount += 1
                sampledBytes += Int64(reader.recordBytes)
                for column in names.indices { values[column].append(reader.text(column).text) }
            }
        }
        columns = zip(names, values).map { name, values in
            ColumnSample(name: name, values: values, type: documents.contains(name) ? .document : nil)
        }
    }
}
