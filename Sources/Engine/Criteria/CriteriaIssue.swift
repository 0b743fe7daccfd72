/// What is wrong with a condition, and where: the path leads to the node, as `where.of[1].test.value`.
package struct CriteriaIssue: Error, Sendable, Equatable, CustomStringConvertible {
    package var path: String
    package var reason: Reason

    package enum Reason: Sendable, Equatable {
        case notJSON(String)
        case missing(String)
        case wrongType(expected: String)
        case unknownKind(String)
        case unknownChoice(String, allowed: [String])
        case unknownField(String)
        case unknownTrait(String)
        case traitOfOtherType(String, declared: String, wanted: String)
        case unknownEvent(String)
        case unknownSegment(Int64)
        case unknownTag(Int64)
        case unknownModel(Int64)
        case unknownCoupon(Int64)
        case scoreInScore
        case twice(String)
        case unknownSource(Int64)
        case unknownTimeZone(String)
        case cycle([Int64])
        case emptyRange
        case outOfRange(String)
        case tooDeep(limit: Int)
        case tooMany(String, limit: Int)
        case tooExpensive(cost: Int, limit: Int)
        case version(Int64)
        /// With another condition, in words. Not wrong, but hardly meant; so is the next one.
        case contradicts(String)
        case holdsForNobody
        /// What another room reads of it, and why it does not.
        case unusable(String)
        /// The same in both languages.
        case told(chinese: String, english: String)
    }

    package init(_ path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// A word for programs.
    package var code: String {
        switch reason {
        case .notJSON: "not_json"
        case .missing: "missing"
        case .wrongType: "wrong_type"
        case .unknownKind: "unknown_kind"
        case .unknownChoice: "unknown_choice"
        case .unknownField: "unknown_field"
        case .unknownTrait: "unknown_trait"
        case .traitOfOtherType: "trait_of_other_type"
        case .unknownEvent: "unknown_event"
        case .unknownSegment: "unknown_segment"
        case .unknownTag: "unknown_tag"
        case .unknownModel: "unknown_model"
        case .unknownCoupon: "unknown_coupon"
        case .scoreInScore: "score_in_score"
        case .twice: "twice"
        case .unknownSource: "unknown_source"
        case .unknownTimeZone: "unknown_time_zone"
        case .cycle: "cycle"
        case .emptyRange: "empty_range"
        case .outOfRange: "out_of_range"
        case .tooDeep: "too_deep"
        case .tooMany: "too_many"
        case .tooExpensive: "too_expensive"
        case .version: "unknown_version"
        case .contradicts: "contradicts"
        case .holdsForNobody: "holds_for_nobody"
        case .unusable, .told: "unusable"
        }
    }

    package var description: String { "\(path): \(text(.english))" }

    package func text(_ language: CriteriaLanguage) -> String {
        let (chinese, english) = texts
        return language == .chinese ? chinese : english
    }

    private var texts: (String, String) {
        switch reason {
        case .notJSON(let detail): ("不是有效的 JSON：\(detail)", "This is not JSON: \(detail)")
        case .missing(let name): ("缺少“\(name)”", "“\(name)” is missing")
        case .wrongType(let expected): ("类型不对，应为 \(expected)", "Wrong type; expected \(expected)")
        case .unknownKind(let kind): ("没有“\(kind)”这种条件", "There is no condition “\(kind)”")
        case .unknownChoice(let word, let allowed):
            (
                "“\(word)”不可用，可选：\(allowed.joined(separator: "、"))",
                "“\(word)” cannot be chosen; one of: \(allowed.joined(separator: ", "))"
            )
        case .unknownField(let name): ("不认识的字段“\(name)”", "Unknown field “\(name)”")
        case .unknownTrait(let name): ("目录里没有属性“\(name)”", "No trait “\(name)” in the catalogue")
        case .traitOfOtherType(let name, let declared, let wanted):
            (
                "属性“\(name)”声明为 \(declared)，这个条件需要 \(wanted)",
                "The trait “\(name)” is declared as \(declared); this test needs \(wanted)"
            )
        case .unknownEvent(let name): ("目录里没有事件“\(name)”", "No event “\(name)” in the catalogue")
        case .unknownSegment(let id): ("人群 \(id) 不存在或已删除", "There is no segment \(id)")
        case .unknownModel(let id): ("评分模型 \(id) 不存在或已删除", "There is no score model \(id)")
        case .unknownCoupon(let id): ("优惠券 \(id) 不存在或已删除", "There is no coupon definition \(id)")
        case .scoreInScore:
            ("评分规则不能依赖评分", "A score cannot ask for scores, nor for what asks for scores")
        case .twice(let what): ("“\(what)”重复", "“\(what)” occurs twice")
        case .unknownTag(let id): ("标签 \(id) 不存在或已删除", "There is no tag \(id)")
        case .unknownSource(let id): ("来源 \(id) 不存在", "There is no source \(id)")
        case .unknownTimeZone(let name): ("未知时区“\(name)”", "Unknown time zone “\(name)”")
        case .cycle(let ids):
            (
                "人群或标签循环引用：\(ids.map { String($0) }.joined(separator: " → "))",
                "Segments or tags refer to each other in a circle: \(ids.map { String($0) }.joined(separator: " → "))"
            )
        case .emptyRange: ("范围的下限大于上限", "The lower end of the range is above the upper end")
        case .outOfRange(let allowed): ("超出范围，允许 \(allowed)", "Out of range; allowed: \(allowed)")
        case .tooDeep(let limit): ("嵌套超过 \(limit) 层", "Nested deeper than \(limit) levels")
        case .tooMany(let what, let limit): ("“\(what)”超过 \(limit) 个", "More than \(limit) of “\(what)”")
        case .tooExpensive(let cost, let limit):
            (
                "计算量 \(cost) 超过上限 \(limit)，请减少行为条件",
                "This costs \(cost) of \(limit) allowed; use fewer conditions on behaviour"
            )
        case .contradicts(let words):
            ("与“\(words)”不可能同时成立", "This and “\(words)” cannot both be true of anybody")
        case .holdsForNobody: ("没有人会满足这个条件", "Nobody can be so")
        case .told(let chinese, let english): (chinese, english)
        case .unusable(let reason): ("无法使用：\(reason)", "Cannot be used: \(reason)")
        case .version(let version): ("不支持的版本 \(version)，应为 1", "Unknown version \(version); this is version 1")
        }
    }
}

/// All that is wrong with a definition.
package struct CriteriaError: Error, Sendable, Equatable, CustomStringConvertible {
    package var issues: [CriteriaIssue]

    package init(issues: [CriteriaIssue]) {
        self.issues = issues
    }

    package var description: String { issues.map(\.description).joined(separator: "; ") }
}

/// The languages that conditions can be told in.
package enum CriteriaLanguage: String, Sendable, CaseIterable {
    case chinese = "zh-Hans"
    case english = "en"

    package init(_ code: String) {
        self = code.hasPrefix("zh") ? .chinese : .english
    }

    func callAsFunction(_ chinese: String, _ english: String) -> String {
        self == .chinese ? chinese : english
    }
}
