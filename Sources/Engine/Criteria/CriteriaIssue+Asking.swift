extension CriteriaIssue {
    /// The same for whoever fills in a form and knows no names of fields: asks for what is missing. Other reasons are
    /// told as `text` does.
    package func asking(_ language: CriteriaLanguage) -> String {
        guard let (chinese, english) = request else { return text(language) }
        return language(chinese, english)
    }

    /// Whether what `asking` says names the field, so that no place has to.
    package var namesItsField: Bool { request != nil }

    private var request: (String, String)? {
        switch reason {
        case .missing, .wrongType: Self.requests[field]
        default: nil
        }
    }

    /// The last name of the path, without a place in a list.
    private var field: String {
        let last = path.split(separator: ".").last ?? ""
        return String(last.prefix { $0 != "[" })
    }

    private static let requests: [String: (String, String)] = [
        "value": ("请填写数值", "Enter a number"),
        "upper": ("请填写上限", "Enter the upper number"),
        "values": ("请至少填写或选择一项", "Enter or choose at least one"),
        "ids": ("请至少选择一项", "Choose at least one"),
        "id": ("请选择", "Choose one"),
        "model": ("请选择评分模型", "Choose a score model"),
        "currency": ("请选择币种", "Choose a currency"),
        "name": ("请填写属性名", "Enter a trait"),
        "property": ("请填写属性", "Enter a property"),
        "event": ("请填写事件", "Enter an event"),
        "names": ("请填写事件", "Enter an event"),
        "date": ("请选择日期", "Choose a date"),
        "from": ("请选择开始日期", "Choose the first date"),
        "to": ("请选择结束日期", "Choose the last date"),
        "days": ("请填写天数", "Enter a number of days"),
        "last_days": ("请填写天数", "Enter a number of days"),
        "hours": ("请填写小时", "Enter hours"),
        "minutes": ("请填写分钟", "Enter minutes"),
        "within": ("请选择时间范围", "Choose a period"),
        "in": ("请填写时长", "Enter a time span"),
        "compare": ("请填写数值", "Enter a number"),
        "figure": ("请选择指标", "Choose what is counted"),
        "steps": ("请至少填写两步", "Enter at least two steps"),
    ]
}
