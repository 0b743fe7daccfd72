import ArgumentParser
import Engine

/// `perennial import`: brings a file of orders, profiles, members or events in.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring in a file of orders, profiles, members or events (CSV or JSON Lines, gzip allowed).",
        discussion: """
            Encoding, delimiter, header, date format and decimal mark are found out; options overrule. Columns are
            recognised by their names in English and Chinese, or named with --map field=column,…. Importing the same
            file again adds nothing; a killed import goes on where it stopped when the same command is given again.

            FIELDS OF ORDERS
              customer (or phone, email, member_id, wechat_openid, …), time, amount; and order_id, currency, quantity,
              sku, product, price, category, discount, coupon, store, channel, status, refunded, total.
              Rows with one order id make one order with lines. Any other word becomes a property.

            FIELDS OF MEMBERS
              member_id (or phone, user_id, …), enrolled_at, tier, tier_until; and of a lot of points: points, currency,
              earned_at, expires_at, source, key; balance:CODE is a balance of another currency; and of a coupon that
              is held: coupon (name or number of its definition), coupon_code, coupon_until. Other words are traits.

            FIELDS OF PROFILES
              customer (or phone, …), time, traits, and tags: names or paths with , ; or | between them. What is not
              there is made, or with --unknown-tags refuse the row is refused. Any other word becomes a trait.

            EXAMPLES
              perennial import orders orders.csv --map customer=sid,time=date,amount=amt,quantity=n
              perennial import orders 订单.csv.gz --time-zone Asia/Shanghai --errors refused.csv
              perennial import profiles crm.csv --map customer=id,phone=mobile,city=城市 --dry-run
              perennial import members legacy.csv --map member_id=card,enrolled_at=since,points=balance
              perennial import events clicks.jsonl --source "Old site" --yes
            """)

    @Argument(help: "orders, profiles, members or events.")
    var kind: ImportKind

    @Argument(help: "The file.")
    var file: String

    @OptionGroup var options: PlatformOptions

    @Option(help: ArgumentHelp("What the columns stand for.", valueName: "field=column,…"))
    var map: String?

    @Option(help: "The zone of times without an offset, as an IANA name (the workspace's).")
    var timeZone: String?

    @Option(help: "ymd, dmy, mdy, compact, epoch-s, epoch-ms or excel (detected).")
    var dateFormat: DateFormat?

    @Option(help: "One character, or tab (detected).")
    var delimiter: String?

    @Option(help: "utf-8, gb18030, utf-16le, utf-16be, big5 or windows-1252 (detected).")
    var encoding: TextEncoding?

    @Option(help: "The decimal mark of amounts: point or comma (detected).")
    var decimal: DecimalMark?

    @Option(help: "The currency of rows that name none, as an ISO 4217 code (the workspace's).")
    var currency: String?

    @Option(help: "Tags of profiles that are not there: create or refuse the row.")
    var unknownTags = UnknownTags.create

    @Flag(help: "The first row is data; columns are #1, #2, ….")
    var noHeader = false

    @Flag(help: "Show how the file is understood and the first rows as they would be stored; store nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Where to write refused rows (FILE.errors.csv).", valueName: "file"))
    var errors: String?

    @Option(help: "The name of the source that the events come from.")
    var source = "Import"

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() async throws {
        ProcessMemory.keepFreed()
        let configuration = try await options.loadConfiguration()
        let server = RunningServer.find(in: configuration.data)
        let processesItself = server == nil && !dryRun
        try await configuration.withPlatform(analytics: processesItself ? .required : .none) { platform in
            let session = ImportSession(command: self, platform: platform, processesItself: processesItself)
            try await session.run()
        }
    }

    /// What was asked for, with the workspace's settings for what was not.
    func importOptions(_ workspace: Workspace, _ tags: TagTree) throws -> ImportOptions {
        ImportOptions(
            kind: kind, mapping: try map.map { try ColumnMapping(parsing: $0) }, encoding: encoding,
            delimiter: delimiter, hasHeader: noHeader ? false : nil, dateFormat: dateFormat, decimalMark: decimal,
            timeZone: timeZone ?? workspace.timeZone, currency: (currency ?? workspace.currency).uppercased(),
            knownTags: unknownTags == .refuse ? tags.importable : nil)
    }

    enum UnknownTags: String, ExpressibleByArgument {
        case create, refuse
    }
}

extension ImportKind: ExpressibleByArgument {}
extension DateFormat: ExpressibleByArgument {}
extension DecimalMark: ExpressibleByArgument {}

extension TextEncoding: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(named: argument)
    }
}
