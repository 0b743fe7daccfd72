/// Only lines with these products count: `{"kind": "product", "field": "category", "is": "in", "values": ["tea"]}`.
package struct ProductCondition: EarningCondition {
    package static let kind = "product"
    package static let isAboutOrders = true
    package static let form = CriteriaForm(
        "order", "商品", "Products",
        [
            .init(
                "field", "choice", "", "",
                choices: [
                    .init("sku", "SKU", "SKU"), .init("category", "品类", "category"), .init("brand", "品牌", "brand"),
                    .init("product", "商品编号", "product id"), .init("name", "商品名", "name"),
                ]),
            .init("is", "choice", "", "", choices: [.init("in", "属于", "is"), .init("not_in", "不属于", "is not")]),
            .init("values", "texts", "", ""),
        ])

    private enum Field: String, CaseIterable { case sku, category, brand, product, name }
    private enum Test: String, CaseIterable {
        case among = "in"
        case except = "not_in"
    }

    private let field: Field
    private let test: Test
    private let list: WordList

    package init(_ reader: CriteriaReader) {
        field = reader.choice("field") ?? .sku
        test = reader.choice("is", orElse: .among) ?? .among
        list = WordList(reader)
    }

    package var json: [String: JSONValue] {
        ["field": .string(field.rawValue), "is": .string(test.rawValue), "values": list.json]
    }

    package func admits(_ line: EarningLine) -> Bool? {
        let value: String
        switch field {
        case .sku: value = line.product.sku
        case .category: value = line.product.category
        case .brand: value = line.product.brand
        case .product: value = line.product.product
        case .name: value = line.product.name
        }
        return list.contains(value) == (test == .among)
    }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        guard let other = other as? ProductCondition, other.field == field else { return false }
        switch (test, other.test) {
        case (.among, .among): return list.isDisjoint(with: other.list)
        case (.among, .except): return list.isSubset(of: other.list)
        case (.except, .among): return other.list.isSubset(of: list)
        case (.except, .except): return false
        }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let words = list.told(phrases)
        let names: [Field: (String, String)] = [
            .sku: ("SKU", "SKU"), .category: ("品类", "category"), .brand: ("品牌", "brand"), .product: ("商品编号", "product"),
            .name: ("商品名", "name"),
        ]
        let (chinese, english) = names[field] ?? ("", "")
        return test == .among
            ? language("只计\(chinese)为\(words)的商品", "only lines whose \(english) is \(words)")
            : language("不计\(chinese)为\(words)的商品", "no lines whose \(english) is \(words)")
    }
}
