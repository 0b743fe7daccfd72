extension OrderState {
    /// Reads what `text()` writes, without a tree. Nil of anything else, broken or not: the tree tells what it is.
    static func scanned(_ text: String) -> OrderState? {
        var text = text
        return text.withUTF8 { bytes -> OrderState? in
            var reader = OrderStateScanner(bytes)
            do { return try reader.state() } catch { return nil }
        }
    }
}

/// Walks the document of `orders.state`. Throws wherever it is not as `OrderState.text()` writes it.
private struct OrderStateScanner {
    private var scanner: JSONScanner

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        scanner = JSONScanner(bytes)
    }

    mutating func state() throws(JSONError) -> OrderState {
        var state = OrderState()
        try scanner.enterObject()
        while let key = try key() {
            if scanner.matches(key, "a") {
                state.accounts = try accounts()
            } else if scanner.matches(key, "r") {
                state.refunds = try refunds()
            } else if scanner.matches(key, "t") {
                state.completedMS = try integer()
            } else if scanner.matches(key, "x") {
                state.cancelledMS = try integer()
            } else if scanner.matches(key, "s") {
                state.sourceID = try integer()
            } else if scanner.matches(key, "w") {
                state.ownership = try ownership()
            } else {
                throw strange
            }
        }
        try scanner.finish()
        return state
    }

    private mutating func accounts() throws(JSONError) -> [OrderState.Account] {
        var accounts: [OrderState.Account] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            var account = OrderState.Account(version: Self.noVersion, facts: OrderFields())
            try scanner.enterObject()
            while let key = try key() {
                if try !read(key, &account.version), try !read(key, &account.facts) { throw strange }
            }
            accounts.append(account)
        }
        return accounts
    }

    private mutating func refunds() throws(JSONError) -> [String: OrderState.Refund] {
        var refunds: [String: OrderState.Refund] = [:]
        try scanner.enterObject()
        while let place = try scanner.nextKey() {
            guard place.flaw == nil, let name = scanner.string(place) else { throw strange }
            var refund = OrderState.Refund(version: Self.noVersion, amount: nil, lines: [])
            try scanner.enterObject()
            while let key = try key() {
                if scanner.matches(key, "amt") {
                    refund.amount = try amount()
                } else if scanner.matches(key, "p") {
                    refund.lines = try lines()
                } else if try !read(key, &refund.version) {
                    throw strange
                }
            }
            refunds[name] = refund
        }
        return refunds
    }

    private mutating func ownership() throws(JSONError) -> OrderState.Ownership {
        var ownership = OrderState.Ownership(priority: 0, version: Self.noVersion)
        try scanner.enterObject()
        while let key = try key() {
            if scanner.matches(key, "k") {
                ownership.priority = Int(try integer())
            } else if try !read(key, &ownership.version) {
                throw strange
            }
        }
        return ownership
    }

    /// Returns whether the key is of a version.
    private mutating func read(_ key: JSONSlice, _ version: inout OrderState.Version) throws(JSONError) -> Bool {
        if scanner.matches(key, "at") {
            version.ms = try integer()
        } else if scanner.matches(key, "m") {
            version.messageID = try text()
        } else if scanner.matches(key, "u") {
            let value = try value()
            guard let isUpdate = scanner.bool(value) else { throw strange }
            version.isUpdate = isUpdate
        } else {
            return false
        }
        return true
    }

    /// Returns whether the key is of an order's fields.
    private mutating func read(_ key: JSONSlice, _ fields: inout OrderFields) throws(JSONError) -> Bool {
        if scanner.matches(key, "cur") {
            fields.currency = try text()
        } else if scanner.matches(key, "p") {
            fields.lines = try lines()
        } else if scanner.matches(key, "rev") {
            fields.revenue = try amount()
        } else if scanner.matches(key, "tot") {
            fields.total = try amount()
        } else if scanner.matches(key, "sub") {
            fields.subtotal = try amount()
        } else if scanner.matches(key, "shp") {
            fields.shipping = try amount()
        } else if scanner.matches(key, "tax") {
            fields.tax = try amount()
        } else if scanner.matches(key, "dis") {
            fields.discount = try amount()
        } else if scanner.matches(key, "qty") {
            fields.quantity = try amount()
        } else if scanner.matches(key, "cpn") {
            fields.coupon = try text()
        } else if scanner.matches(key, "sto") {
            fields.store = try text()
        } else if scanner.matches(key, "chn") {
            fields.channel = try text()
        } else {
            return false
        }
        return true
    }

    private mutating func lines() throws(JSONError) -> [OrderLine] {
        var lines: [OrderLine] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            var line = OrderLine()
            try scanner.enterObject()
            while let key = try key() { try read(key, &line) }
            lines.append(line)
        }
        return lines
    }

    private mutating func read(_ key: JSONSlice, _ line: inout OrderLine) throws(JSONError) {
        if scanner.matches(key, "id") {
            line.productID = try text()
        } else if scanner.matches(key, "sku") {
            line.sku = try text()
        } else if scanner.matches(key, "n") {
            line.name = try text()
        } else if scanner.matches(key, "c") {
            line.category = try text()
        } else if scanner.matches(key, "b") {
            line.brand = try text()
        } else if scanner.matches(key, "v") {
            line.variant = try text()
        } else if scanner.matches(key, "pr") {
            line.price = try amount()
        } else if scanner.matches(key, "q") {
            line.quantity = try amount()
        } else if scanner.matches(key, "d") {
            line.discount = try amount()
        } else if scanner.matches(key, "amt") {
            line.amount = try amount()
        } else {
            throw strange
        }
    }

    // MARK: Values

    private static let noVersion = OrderState.Version(ms: 0, isUpdate: false, messageID: "")

    private var strange: JSONError { JSONError(.unexpectedCharacter, at: scanner.position) }

    /// A key as it is written, which an escape could write in another way.
    private mutating func key() throws(JSONError) -> JSONSlice? {
        guard let key = try scanner.nextKey() else { return nil }
        guard key.flaw == nil, !key.hasEscapes else { throw strange }
        return key
    }

    private mutating func value() throws(JSONError) -> JSONSlice {
        let value = try scanner.value()
        guard value.flaw == nil else { throw strange }
        return value
    }

    private mutating func text() throws(JSONError) -> String {
        let value = try value()
        guard let text = scanner.string(value) else { throw strange }
        return text
    }

    private mutating func integer() throws(JSONError) -> Int64 {
        let value = try value()
        guard value.isInteger, let integer = scanner.integer(value) else { throw strange }
        return integer
    }

    /// Kept as text; nil where it is none that is believed.
    private mutating func amount() throws(JSONError) -> DecimalAmount? {
        DecimalAmount(try text())
    }
}
