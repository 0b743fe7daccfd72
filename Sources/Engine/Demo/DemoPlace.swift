/// Where the people of the demo brand live, and its stores. Weights follow the order of cities by retail sales, with
/// the brand's home in the south-east.
struct DemoPlace {
    var city: String
    var province: String
    var weight: Double
    /// Stores in the city; few places have one.
    var stores: [String]

    private init(_ city: String, _ province: String, _ weight: Double, _ stores: [String] = []) {
        self.city = city
        self.province = province
        self.weight = weight
        self.stores = stores
    }

    static let all: [DemoPlace] = [
        DemoPlace("上海", "上海", 12, ["上海静安店", "上海徐汇店", "上海陆家嘴店"]),
        DemoPlace("北京", "北京", 10, ["北京三里屯店", "北京国贸店"]),
        DemoPlace("深圳", "广东", 9, ["深圳万象城店", "深圳南山店"]),
        DemoPlace("广州", "广东", 9, ["广州天河店", "广州北京路店"]),
        DemoPlace("杭州", "浙江", 8, ["杭州湖滨店", "杭州西溪店"]),
        DemoPlace("福州", "福建", 6, ["福州三坊七巷店"]),
        DemoPlace("厦门", "福建", 5, ["厦门中山路店"]),
        DemoPlace("成都", "四川", 6, ["成都太古里店"]),
        DemoPlace("南京", "江苏", 5, ["南京新街口店"]),
        DemoPlace("苏州", "江苏", 5, ["苏州平江路店"]),
        DemoPlace("武汉", "湖北", 4, ["武汉楚河汉街店"]),
        DemoPlace("重庆", "重庆", 4), DemoPlace("西安", "陕西", 3), DemoPlace("长沙", "湖南", 3),
        DemoPlace("宁波", "浙江", 3), DemoPlace("青岛", "山东", 2.5), DemoPlace("天津", "天津", 2.5),
        DemoPlace("郑州", "河南", 2.5), DemoPlace("佛山", "广东", 2.5), DemoPlace("东莞", "广东", 2.5),
        DemoPlace("无锡", "江苏", 2), DemoPlace("合肥", "安徽", 2), DemoPlace("泉州", "福建", 2.5),
        DemoPlace("济南", "山东", 1.8), DemoPlace("昆明", "云南", 1.8), DemoPlace("南宁", "广西", 1.2),
        DemoPlace("沈阳", "辽宁", 1.2), DemoPlace("大连", "辽宁", 1.2), DemoPlace("南昌", "江西", 1.2),
        DemoPlace("贵阳", "贵州", 1), DemoPlace("石家庄", "河北", 1), DemoPlace("哈尔滨", "黑龙江", 0.9),
        DemoPlace("太原", "山西", 0.8), DemoPlace("温州", "浙江", 1.5), DemoPlace("珠海", "广东", 1),
        DemoPlace("海口", "海南", 0.7), DemoPlace("兰州", "甘肃", 0.5), DemoPlace("乌鲁木齐", "新疆", 0.5),
        DemoPlace("呼和浩特", "内蒙古", 0.4), DemoPlace("银川", "宁夏", 0.3),
    ]

    static let cumulative: [Double] = {
        var sum = 0.0
        return all.map { place in
            sum += place.weight
            return sum
        }
    }()
}
