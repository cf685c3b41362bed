import RepriseKernel
import Testing

@Suite struct JSONObjectTests {
    @Test func payloadsGoInAsTheyAre() {
        var object = JSONObject()
        object.add("id", #"a"b"#)
        object.add("status", Payload(trusted: Array(#"{"a":1.0}"#.utf8)))
        object.add("none", nil as String?)
        object.add("is", true)
        #expect(
            String(decoding: object.bytes, as: UTF8.self)
                == #"{"id":"a\"b","status":{"a":1.0},"none":null,"is":true}"#
        )
    }

    @Test func arraysHaveALineForEach() {
        var object = JSONObject()
        object.add("n", 1)
        #expect(String(decoding: JSONObject.lines([object, object]), as: UTF8.self) == "[\n{\"n\":1},\n{\"n\":1}\n]")
        #expect(JSONObject.lines([]) == Array("[]".utf8))
    }
}
