import Testing

@testable import Engine

@Suite("Page and campaign of an archived event")
struct ArchiveContextTests {
    @Test("are read from the context")
    func context() {
        let read = ArchiveContext(
            context: """
                {"library":{"name":"x"},"page":{"url":"https://a.b/c?d=e","referrer":"https://\\u4e2d.cn/","title":null},
                "campaign":{"source":"wechat","medium":"social","name":"双11"},"ip":"1.2.3.4"}
                """, properties: #"{"url":"ignored"}"#)
        #expect(read.url == "https://a.b/c?d=e")
        #expect(read.referrer == "https://中.cn/")
        #expect(read.campaignSource == "wechat")
        #expect(read.campaignMedium == "social")
        #expect(read.campaignName == "双11")
    }

    @Test("fall back to the properties of a page view")
    func properties() {
        let read = ArchiveContext(context: "{}", properties: #"{"url":"https://x/","referrer":"https://y/","n":1}"#)
        #expect(read.url == "https://x/")
        #expect(read.referrer == "https://y/")
    }

    @Test("JSON is archived without blanks between its parts, and with those of its texts")
    func compact() {
        let json = "{ \"a b\" : [ 1,\n\t2 ], \"c\": \"x: \\\" , y\\\\\" , \"d\" :{} }"
        #expect(CompactJSON.text(json) == #"{"a b":[1,2],"c":"x: \" , y\\","d":{}}"#)
        for text in ["{}", "", #"{"a":"b c\" d"}"#, #""open \"#] { #expect(CompactJSON.text(text) == text) }
        #expect(CompactJSON.text(" ") == "" && CompactJSON.text(#"{"茶 ": "岩 茶"}"#) == #"{"茶 ":"岩 茶"}"#)
    }

    @Test("stay empty when page or campaign are of another kind", arguments: [#"{"page":1,"campaign":[]}"#, "{}", ""])
    func otherKinds(context: String) {
        #expect(ArchiveContext(context: context, properties: "{}") == ArchiveContext(context: "{}", properties: "{}"))
    }
}
