extension OrderState {
    /// Reads the document of `orders.state`. Throws: `JSONError`, `ProfileError.unreadableState`.
    package init(parsing text: String) throws {
        self = try OrderState.scanned(text) ?? OrderState(tree: text)
    }

    /// The same in whatever way it is written.
    init(tree text: String) throws {
        guard case .object(let members) = try JSONValue(parsing: text) else { throw ProfileError.unreadableState }
        accounts = (members["a"]?.arrayValue ?? []).map { Account(version: Version($0), facts: OrderFields($0)) }
        refunds = (members["r"]?.objectValue ?? [:]).mapValues {
            Refund(version: Version($0), amount: $0.amount("amt"), lines: OrderLine.list($0["p"]) ?? [])
        }
        completedMS = members["t"]?.intValue
        cancelledMS = members["x"]?.intValue
        sourceID = members["s"]?.intValue
        if let json = members["w"] {
            ownership = Ownership(priority: Int(json["k"]?.intValue ?? 0), version: Version(json))
        }
    }

    /// The document, keys sorted: equal states have equal text.
    package func text() -> String {
        var members: [String: JSONValue] = [:]
        if !accounts.isEmpty {
            members["a"] = .array(accounts.map { .object($0.facts.json.merging($0.version.json) { one, _ in one }) })
        }
        if !refunds.isEmpty { members["r"] = .object(refunds.mapValues(\.json)) }
        members["t"] = completedMS.map(JSONValue.integer)
        members["x"] = cancelledMS.map(JSONValue.integer)
        members["s"] = sourceID.map(JSONValue.integer)
        if let ownership {
            var json = ownership.version.json
            json["k"] = .integer(Int64(ownership.priority))
            members["w"] = .object(json)
        }
        return JSONValue.object(members).text()
    }
}

extension OrderState.Version {
    fileprivate init(_ json: JSONValue) {
        self.init(
            ms: json["at"]?.intValue ?? 0, isUpdate: json["u"]?.boolValue ?? false,
            messageID: json["m"]?.stringValue ?? "")
    }

    fileprivate var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["at": .integer(ms), "m": .string(messageID)]
        if isUpdate { members["u"] = .bool(true) }
        return members
    }
}

extension OrderState.Refund {
    fileprivate var json: JSONValue {
        var members = version.json
        members["amt"] = amount?.json
        if !lines.isEmpty { members["p"] = .array(lines.map(\.json)) }
        return .object(members)
    }
}

extension OrderFields {
    fileprivate init(_ json: JSONValue) {
        revenue = json.amount("rev")
        subtotal = json.amount("sub")
        total = json.amount("tot")
        shipping = json.amount("shp")
        tax = json.amount("tax")
        discount = json.amount("dis")
        quantity = json.amount("qty")
        coupon = json["cpn"]?.stringValue
        currency = json["cur"]?.stringValue
        store = json["sto"]?.stringValue
        channel = json["chn"]?.stringValue
        lines = OrderLine.list(json["p"])
    }

    fileprivate var json: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        members["rev"] = revenue?.json
        members["sub"] = subtotal?.json
        members["tot"] = total?.json
        members["shp"] = shipping?.json
        members["tax"] = tax?.json
        members["dis"] = discount?.json
        members["qty"] = quantity?.json
        members["cpn"] = coupon.map(JSONValue.string)
        members["cur"] = currency.map(JSONValue.string)
        members["sto"] = store.map(JSONValue.string)
        members["chn"] = channel.map(JSONValue.string)
        members["p"] = lines.map { .array($0.map(\.json)) }
        return members
    }
}

extension OrderLine {
    fileprivate static func list(_ json: JSONValue?) -> [OrderLine]? {
        json?.arrayValue?.map(OrderLine.init)
    }

    fileprivate init(_ json: JSONValue) {
        productID = json["id"]?.stringValue
        sku = json["sku"]?.stringValue
        name = json["n"]?.stringValue
        category = json["c"]?.stringValue
        brand = json["b"]?.stringValue
        variant = json["v"]?.stringValue
        price = json.amount("pr")
        quantity = json.amount("q")
        discount = json.amount("d")
        amount = json.amount("amt")
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["id"] = productID.map(JSONValue.string)
        members["sku"] = sku.map(JSONValue.string)
        members["n"] = name.map(JSONValue.string)
        members["c"] = category.map(JSONValue.string)
        members["b"] = brand.map(JSONValue.string)
        members["v"] = variant.map(JSONValue.string)
        members["pr"] = price?.json
        members["q"] = quantity?.json
        members["d"] = discount?.json
        members["amt"] = amount?.json
        return .object(members)
    }
}

extension DecimalAmount {
    fileprivate var json: JSONValue { .string(text) }
}

extension JSONValue {
    fileprivate func amount(_ key: String) -> DecimalAmount? {
        self[key]?.stringValue.flatMap { DecimalAmount($0) }
    }
}
