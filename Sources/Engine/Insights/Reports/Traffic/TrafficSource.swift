import Storage

/// Where a visit came from: a class and, within it, who.
///
/// A campaign that the address named wins over the referrer; a referrer of the page's own site is none. Classes and names
/// are the words that reports use; docs/metrics.md lists them.
enum TrafficSource {
    enum Kind: String, CaseIterable {
        case campaign, email, search, social, assistant, referral, direct
    }

    /// Names by the ends of their hosts.
    private static let hosts: [(kind: Kind, name: String, ends: [String])] = [
        (.assistant, "deepseek", ["deepseek.com"]), (.assistant, "doubao", ["doubao.com"]),
        (.assistant, "kimi", ["kimi.com", "kimi.moonshot.cn"]), (.assistant, "yuanbao", ["yuanbao.tencent.com"]),
        (.assistant, "qwen", ["tongyi.com", "qianwen.com", "chat.qwen.ai"]),
        (.assistant, "chatgpt", ["chatgpt.com", "chat.openai.com"]),
        (.assistant, "perplexity", ["perplexity.ai"]), (.assistant, "copilot", ["copilot.microsoft.com"]),
        (.assistant, "gemini", ["gemini.google.com"]), (.assistant, "claude", ["claude.ai"]),
        (.email, "qq mail", ["mail.qq.com"]), (.email, "163 mail", ["mail.163.com", "mail.126.com"]),
        (.email, "gmail", ["mail.google.com"]), (.email, "outlook", ["outlook.live.com", "outlook.office.com"]),
        (.search, "baidu", ["baidu.com"]), (.search, "sogou", ["sogou.com"]), (.search, "360", ["so.com"]),
        (.search, "shenma", ["sm.cn"]), (.search, "toutiao", ["toutiao.com"]), (.search, "bing", ["bing.com"]),
        (.search, "yandex", ["yandex.ru", "yandex.com"]), (.search, "duckduckgo", ["duckduckgo.com"]),
        (.search, "yahoo", ["search.yahoo.com", "search.yahoo.co.jp"]), (.search, "naver", ["naver.com"]),
        (.social, "wechat", ["weixin.qq.com", "weixin110.qq.com", "servicewechat.com"]),
        (.social, "weibo", ["weibo.com", "weibo.cn", "t.cn"]), (.social, "douyin", ["douyin.com", "iesdouyin.com"]),
        (.social, "xiaohongshu", ["xiaohongshu.com", "xhslink.com"]), (.social, "zhihu", ["zhihu.com"]),
        (.social, "bilibili", ["bilibili.com", "b23.tv"]), (.social, "kuaishou", ["kuaishou.com"]),
        (.social, "douban", ["douban.com"]), (.social, "qzone", ["qzone.qq.com"]),
        (.social, "facebook", ["facebook.com", "fb.me"]), (.social, "instagram", ["instagram.com"]),
        (.social, "x", ["twitter.com", "x.com", "t.co"]), (.social, "linkedin", ["linkedin.com", "lnkd.in"]),
        (.social, "youtube", ["youtube.com"]), (.social, "reddit", ["reddit.com"]), (.social, "tiktok", ["tiktok.com"]),
    ]

    /// Google has a host in every country.
    private static let google = "(^|[.])google([.][a-z]{2,3}){1,2}$"

    private static func pattern(_ ends: [String]) -> String {
        "(^|[.])(" + ends.map { $0.split(separator: ".").joined(separator: "[.]") }.joined(separator: "|") + ")$"
    }

    private static func pattern(_ kind: Kind) -> String {
        pattern(hosts.filter { $0.kind == kind }.flatMap(\.ends))
    }

    /// What has to be known of a visit.
    static let texts: [VisitQuery.Text] = [.host, .campaign, .medium]

    /// The class, over the columns `campaign`, `medium` and `host` of a visit.
    static var kind: AnalyticsSQL {
        """
        multiIf(lower(medium) IN ('email', 'e-mail', 'edm', 'newsletter'), 'email', campaign != '', 'campaign',
            host = '', 'direct', match(host, \(pattern(.assistant))), 'assistant',
            match(host, \(pattern(.email))), 'email',
            match(host, \(pattern(.search))) OR match(host, \(google)), 'search',
            match(host, \(pattern(.social))), 'social', 'referral')
        """
    }

    /// Who within the class, over the same columns.
    static var name: AnalyticsSQL {
        let known = hosts.map { entry -> AnalyticsSQL in "match(host, \(pattern(entry.ends))), \(entry.name), " }
        return """
            multiIf(campaign != '', campaign, host = '', '', \(AnalyticsSQL.concatenated(known))\
            match(host, \(google)), 'google', host)
            """
    }
}
