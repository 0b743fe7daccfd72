import ArgumentParser

/// The flags that every command shares; each overrides its environment variable and its line in the file.
struct PlatformOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A JSON file of settings.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The data folder (PERENNIAL_DATA; ./data).", valueName: "folder"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "The operational store: sqlite:FILE or postgres://… (PERENNIAL_STORE_URL; SQLite in the data folder).",
            valueName: "url"))
    var store: String?

    @Option(
        help: ArgumentHelp(
            "The analytics store: chdb:///FOLDER or clickhouse://… (PERENNIAL_ANALYTICS_URL; chDB in the data folder).",
            valueName: "url"))
    var analytics: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning or error.", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?

    /// The given flags under their configuration keys.
    var overrides: [String: String] {
        let flags = [
            "data": data, "store.url": store, "analytics.url": analytics, "log.level": logLevel,
            "log.format": logFormat,
        ]
        return flags.compactMapValues { $0 }
    }
}
