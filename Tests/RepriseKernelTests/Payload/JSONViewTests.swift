import RepriseKernel
import Testing

@Suite("A look into JSON finds its values as the bytes they are")
struct JSONViewTests {
    private func view(_ text: String) throws -> JSONView { try JSONView(checking: Array(text.utf8)) }

    @Test("Members and elements")
    func containers() throws {
        let object = try view(#" { "a" : [1 , "x]",{"b":null}] ,"c":-7, "c":{},"":true} "#)
        let members = try #require(object.members)
        #expect(members.names == ["", "a", "c"])
        #expect(members["c"]?.integer == -7)
        #expect(members[""]?.bool == true)
        let elements = try #require(members["a"]?.elements)
        #expect(elements.map(\.payload.text) == ["1", #""x]""#, #"{"b":null}"#])
        #expect(elements[2].members?["b"]?.isNull == true)
        #expect(try view("[]").elements?.isEmpty == true)
        #expect(try view("{}").members?.isEmpty == true)
        #expect(try view("[[],[[]]]").elements?.count == 2)
    }

    @Test(
        "Texts",
        arguments: [
            (#""""#, ""), (#""größe 🚂""#, "größe 🚂"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\ud83d\ude82z""#, "A🚂z"), (#""\ud800x""#, "\u{FFFD}x"), (#""e\u0301""#, "e\u{301}"),
        ]
    )
    func texts(json: String, text: String) throws {
        #expect(try view(json).text == text)
    }

    @Test("What is of another kind is nil")
    func otherKinds() throws {
        for text in ["null", "1.5", "1e2", "\"1\"", "[1]", "{\"a\":1}", "true", "99999999999999999999"] {
            #expect(try view(text).integer == nil, "\(text)")
        }
        #expect(try view("1").text == nil)
        #expect(try view("1").members == nil)
        #expect(try view("{}").elements == nil)
        #expect(try view("\"true\"").bool == nil)
    }

    @Test(
        "Unchecked bytes do not trap",
        arguments: ["", "\"", "[", "{\"a", "[1,,\"", "{\"a\":}", "\"\\", "\"\\u1", "]"]
    )
    func damage(text: String) {
        let view = JSONView(Payload(trusted: Array(text.utf8)))
        #expect(view.integer == nil && view.bool == nil)
        _ = (view.text, view.elements?.map(\.text), view.members?.map(\.value.text))
    }
}
