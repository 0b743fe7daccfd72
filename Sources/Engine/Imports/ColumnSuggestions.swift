/// Guesses what a column stands for from its header, in English and Chinese, as shops, tills and CRMs export them.
enum ColumnSuggestions {
    /// A mapping of the columns that are recognised, each field at most once. Unrecognised columns of profiles become
    /// traits and those of events properties under their own names; those of orders are left out.
    static func mapping(for columns: [ColumnSample], kind: ImportKind) -> ColumnMapping {
        var entries: [ColumnMapping.Entry] = []
        var taken: Set<ImportField> = []
        for column in columns {
            guard let field = field(for: column.name, kind: kind), !taken.contains(field) else {
                if kind != .orders, !column.name.isEmpty, !column.isEmpty {
                    let custom = ImportField.custom(column.name)
                    entries.append(.init(field: custom.word(for: kind), column: column.name))
                }
                continue
            }
            taken.insert(field)
            entries.append(.init(field: field.word(for: kind), column: column.name))
        }
        fillByContent(&entries, &taken, columns: columns, kind: kind)
        return ColumnMapping(entries: entries)
    }

    static func field(for header: String, kind: ImportKind) -> ImportField? {
        let key = normalized(header)
        guard !key.isEmpty else { return nil }
        if let identity = identities[key] { return .identity(identity) }
        let word =
            switch kind {
            case .orders: orders[key]
            case .profiles: profiles[key]
            case .members: members[key]
            case .events: events[key]
            }
        return word.map { ImportField(word: $0, kind: kind) }
    }

    /// The only column with dates is the time, when no header said so.
    private static func fillByContent(
        _ entries: inout [ColumnMapping.Entry], _ taken: inout Set<ImportField>, columns: [ColumnSample],
        kind: ImportKind
    ) {
        guard kind != .profiles, kind != .members, !taken.contains(.time) else { return }
        let mapped = Set(entries.filter { ImportField(word: $0.field, kind: kind) != .custom($0.column) }.map(\.column))
        let dated = columns.filter { !mapped.contains($0.name) && ($0.type == .date || $0.type == .moment) }
        guard dated.count == 1 else { return }
        entries.removeAll { $0.column == dated[0].name }
        entries.append(.init(field: "time", column: dated[0].name))
        taken.insert(.time)
    }

    /// Lower case without spaces, `_`, `-`, and what stands in brackets: `订单金额（元）` → `订单金额`.
    static func normalized(_ header: String) -> String {
        var result = ""
        var depth = 0
        for character in header.lowercased() {
            switch character {
            case "(", "（", "[", "【": depth += 1
            case ")", "）", "]", "】": depth -= 1
            case " ", "_", "-", ".", "/", "\u{3000}", "\t", ":", "：": break
            default: if depth <= 0 { result.append(character) }
            }
        }
        return result
    }

    private static func table(_ words: [String: String]) -> [String: String] {
        var table: [String: String] = [:]
        for (word, headers) in words {
            for header in headers.split(separator: " ") { table[String(header)] = word }
        }
        return table
    }

    private static let identities = table([
        "user_id": """
        customer customerid customerno customercode customernumber custid userid uid user client clientid buyerid \
        buyer accountid loginid distinctid crmid 客户 客户编号 客户id 客户号 客户代码 用户 用户id 用户编号 用户名 买家id 买家会员名 买家昵称 \
        顾客编号 顾客id 账号 帐号
        """,
        "member_id": "memberid memberno membercode cardno membercard loyaltyid 会员 会员号 会员编号 会员id 会员卡号 卡号",
        "phone": """
        phone phonenumber mobile mobilephone mobilenumber tel telephone cell cellphone billingphone 手机 手机号 手机号码 \
        电话 电话号码 联系电话 联系手机 收货人手机 收货人电话 买家手机 会员手机 会员手机号
        """,
        "email": "email mail emailaddress useremail 邮箱 电子邮箱 邮件 电子邮件 邮箱地址",
        "wechat_openid": "openid wechatopenid wxopenid 微信openid",
        "wechat_unionid": "unionid wechatunionid wxunionid 微信unionid",
        "device_id": "deviceid 设备id 设备号",
        "anonymous_id": "anonymousid anonid visitorid cookieid 访客id 匿名id",
    ])

    private static let orders = table([
        "time": """
        time date datetime orderdate ordertime orderedat createdat created paidat paidtime paymenttime purchasedate \
        purchasetime transactiondate transactiontime timestamp processedat invoicedate 日期 时间 下单时间 下单日期 订单时间 订单日期 \
        订单创建时间 创建时间 付款时间 支付时间 订单付款时间 成交时间 交易时间 交易日期 购买时间 购买日期 消费时间 消费日期 销售日期
        """,
        "order_id": """
        orderid orderno ordernumber ordername ordercode orderref transactionid invoice invoiceno receiptno billno \
        订单 订单号 订单编号 订单id 主订单编号 交易号 单号 流水号 小票号 销售单号
        """,
        "amount": """
        amount amt revenue sales paid paidamount payment netamount orderamount ordertotal grandtotal spend value total \
        totalamount lineitemtotal 金额 订单金额 实付金额 实付 实付款 实收 实收金额 支付金额 付款金额 消费金额 成交金额 销售额 销售金额 交易金额 \
        总金额 订单总额 订单总金额 总价 买家实际支付金额 应付金额
        """,
        "currency": "currency currencycode 币种 货币",
        "quantity": "quantity qty n count units items number lineitemquantity 数量 件数 购买数量 商品数量 销售数量 宝贝总数量",
        "sku": "sku skuid skucode productid productcode itemid itemcode lineitemsku asin 商品编码 商品编号 商品id 货号 规格编码 sku编码",
        "product": "product productname item itemname title lineitemname description 商品 商品名称 商品名 产品 产品名称 宝贝标题 品名",
        "price": "price unitprice itemprice lineitemprice 单价 商品单价 商品价格 售价 价格",
        "category": "category productcategory producttype department 类目 品类 分类 商品分类 商品类目",
        "discount": "discount discountamount 优惠 优惠金额 折扣 折扣金额",
        "coupon": "coupon couponcode discountcode vouchercode 优惠券 优惠码 券码",
        "store": "store storename storeid shop shopname outlet location branch 门店 门店名称 店铺 店铺名称 店名 门店编号",
        "channel": "channel saleschannel sourcename platform 渠道 销售渠道 来源 平台 订单来源",
        "status": "status orderstatus financialstatus state 状态 订单状态 交易状态",
        "refunded": "refund refunded refundamount refundedamount 退款 退款金额 已退款金额",
        "refund_time": "refundtime refundedat refunddate 退款时间",
        "products": "products lineitems",
    ])

    private static let profiles = table([
        "time": "updatedat modifiedat lastmodified 更新时间 修改时间",
        "traits": "traits",
        "tags": "tags tag labels 标签 客户标签 会员标签 用户标签",
        "name": "name fullname realname customername username 姓名 名字 客户姓名 客户名称 会员姓名 昵称",
        "gender": "gender sex 性别",
        "birthday": "birthday birthdate dateofbirth dob 生日 出生日期",
        "city": "city 城市 所在城市 市",
        "province": "province state region 省份 省 所在省份 地区",
        "registered_at": "createdat registeredat registrationdate signupdate joindate joinedat 注册时间 注册日期 入会时间 入会日期",
    ])

    private static let members = table([
        "enrolled_at": """
        enrolledat enrolled membersince joinedat joindate createdat registeredat registrationdate signupdate 入会时间 入会日期 \
        注册时间 注册日期 开卡时间 开卡日期
        """,
        "tier": "tier level grade memberlevel membertier 等级 会员等级 级别",
        "tier_until": "tieruntil tierexpiry tierexpiresat levelexpiry 等级有效期 等级到期日 等级到期",
        "points": "points balance pointsbalance availablepoints 积分 积分余额 可用积分 当前积分 剩余积分",
        "currency": "currency pointtype pointstype 积分类型",
        "earned_at": "earnedat earned earndate 获得时间 获得日期 获取时间 发放时间",
        "expires_at": "expiresat expiry expirydate validuntil pointsexpiry 有效期 有效期至 到期日 过期时间 积分有效期 积分到期日",
        "source": "source 来源",
        "key": "key lotid rowid 流水号 批次号",
        "coupon": "coupon couponname coupontype couponbatch 优惠券 优惠券名称 券名称 券批次",
        "coupon_code": "couponcode vouchercode 券码 优惠券码 优惠码",
        "coupon_until": "couponuntil couponexpiry couponexpiresat 券有效期 优惠券有效期 券到期日",
        "traits": "traits",
        "name": "name fullname realname customername 姓名 名字 会员姓名 昵称",
        "gender": "gender sex 性别",
        "birthday": "birthday birthdate dateofbirth dob 生日 出生日期",
        "city": "city 城市 所在城市 市",
    ])

    private static let events = table([
        "event": "event eventname name action eventtype 事件 事件名 事件名称 行为",
        "time": "time timestamp eventtime originaltimestamp datetime date occurredat 时间 事件时间 发生时间 日期",
        "message_id": "messageid eventid insertid id 消息id 事件id",
        "call": "type",
        "properties": "properties props eventproperties",
        "traits": "traits",
        "context": "context",
    ])
}
