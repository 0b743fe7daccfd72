/// Class and sensitivity of traits whose names everybody uses, until somebody declares otherwise.
enum WellKnownTraits {
    private static let basic: Set<String> = [
        "name", "firstname", "lastname", "fullname", "displayname", "nickname", "username", "gender", "sex", "birthday",
        "birthdate", "dateofbirth", "age", "email", "phone", "mobile", "avatar", "language", "nationality", "idcard",
        "wechatid", "title", "website", "description", "createdat", "registeredat", "signuptime", "姓名", "性别", "生日",
        "手机", "邮箱", "年龄",
    ]
    private static let life: Set<String> = [
        "address", "street", "city", "province", "state", "country", "district", "postalcode", "zip", "location",
        "occupation", "job", "company", "employees", "industry", "income", "education", "school", "maritalstatus",
        "children", "family", "interests", "hobbies", "pets", "car", "housing", "religion", "bloodtype", "zodiac",
        "城市", "省份", "职业", "兴趣", "爱好", "地址", "收入", "学历", "婚姻",
    ]
    private static let personal: Set<String> = [
        "name", "firstname", "lastname", "fullname", "displayname", "nickname", "email", "phone", "mobile", "birthday",
        "birthdate", "dateofbirth", "avatar", "idcard", "wechatid", "address", "street", "postalcode", "zip", "ip",
        "姓名", "手机", "邮箱", "生日", "地址",
    ]

    static func traitClass(_ name: String) -> TraitClass {
        let word = plain(name)
        if basic.contains(word) { return .basic }
        return life.contains(word) ? .life : .behaviour
    }

    static func isPersonal(_ name: String) -> Bool {
        let word = plain(name)
        return personal.contains(word) || word.hasSuffix("phone") || word.hasSuffix("email")
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " && $0 != "$" }
    }
}
