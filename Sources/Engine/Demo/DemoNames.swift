/// Names as they are common in China: surnames by share of the population (Ministry of Public Security, 2020 report of
/// the hundred surnames), given names by generation.
enum DemoNames {
    private static let surnames: [(String, Double)] = [
        ("王", 7.2), ("李", 7.0), ("张", 6.7), ("刘", 5.1), ("陈", 4.6), ("杨", 3.2), ("黄", 2.4), ("赵", 2.3), ("吴", 2.0),
        ("周", 1.9), ("徐", 1.5), ("孙", 1.4), ("马", 1.3), ("朱", 1.3), ("胡", 1.2), ("郭", 1.1), ("何", 1.1), ("林", 1.1),
        ("罗", 1.0), ("高", 1.0), ("郑", 0.9), ("梁", 0.8), ("谢", 0.8), ("宋", 0.7), ("唐", 0.7), ("许", 0.7), ("韩", 0.6),
        ("邓", 0.6), ("冯", 0.6), ("曹", 0.6), ("彭", 0.5), ("曾", 0.5), ("肖", 0.5), ("田", 0.5), ("董", 0.4), ("潘", 0.4),
        ("袁", 0.4), ("蔡", 0.4), ("蒋", 0.4), ("余", 0.4), ("于", 0.4), ("杜", 0.4), ("叶", 0.4), ("程", 0.4), ("欧阳", 0.1),
    ]
    private static let surnameSums: [Double] = {
        var sum = 0.0
        return surnames.map { name in
            sum += name.1
            return sum
        }
    }()
    private static let female = [
        "敏", "静", "丽", "艳", "娟", "芳", "燕", "玲", "婷", "雪", "颖", "慧", "梦", "佳", "怡", "欣怡", "雨桐", "思雨", "梓涵", "晓燕",
        "雅婷", "嘉怡", "诗涵", "美玲", "秀英", "玉兰", "晓雯", "若曦", "一诺", "子萱", "文静", "丹丹", "婷婷", "琳琳", "海燕", "春梅",
    ]
    private static let male = [
        "伟", "强", "磊", "军", "洋", "勇", "杰", "涛", "超", "明", "刚", "平", "辉", "鹏", "浩", "宇", "浩然", "子轩", "俊杰", "志强",
        "建国", "文博", "宇航", "天佑", "建华", "志明", "海涛", "晓东", "国强", "立新", "泽宇", "思远", "嘉豪", "家明", "少华", "振宇",
    ]

    static func name(isFemale: Bool, _ random: inout SplitMix64) -> String {
        let surname = surnames[random.index(cumulative: surnameSums)].0
        return surname + random.pick(isFemale ? female : male)
    }
}
