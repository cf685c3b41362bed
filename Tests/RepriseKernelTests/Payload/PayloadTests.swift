import RepriseKernel
import Testing

@Suite("A payload is carried as the bytes that came")
struct PayloadTests {
    @Test("Checked once, kept unchanged; nothing at all is null")
    func checking() throws {
        let bytes = Array(" { \"b\" : 1.0 } ".utf8)
        #expect(try Payload(checking: bytes).bytes == bytes)
        #expect(try Payload(checking: []) == .null)
        #expect(try Payload(checking: Array("null".utf8)).isNull)
        #expect(throws: JSONCheck.Problem.self) { try Payload(checking: [0]) }
    }

    @Test(
        "A text becomes a JSON string",
        arguments: [
            ("", #""""#),
            ("größe 🚂", #""größe 🚂""#),
            ("\"\\/", #""\"\\/""#),
            ("\n\r\t", #""\n\r\t""#),
            ("\u{0}\u{8}\u{1F}\u{7F}", "\"\\u0000\\u0008\\u001f\u{7F}\""),
        ]
    )
    func string(text: String, json: String) {
        #expect(Payload.string(text).text == json)
    }

    @Test("Every ASCII character makes a valid one")
    func everyCharacter() {
        for code in UInt8(0)..<128 {
            let text = String(UnicodeScalar(code))
            #expect(throws: Never.self) { try JSONCheck.check(Payload.string(text).bytes) }
        }
    }

    @Test("The length in UTF-16: one unit for most, two beyond the basic plane")
    func utf16() {
        #expect(Payload.null.utf16Bytes == 8)
        #expect(Payload.string("ä").utf16Bytes == 6)
        #expect(Payload.string("日").utf16Bytes == 6)
        #expect(Payload.string("🚂").utf16Bytes == 8)
        let limit = Limits().customStatusBytes
        #expect(Payload.string(String(repeating: "x", count: 8_190)).utf16Bytes == limit)
        #expect(Payload.string(String(repeating: "🚂", count: 4_095)).utf16Bytes == limit)
        #expect(Payload.string(String(repeating: "x", count: 8_191)).utf16Bytes == limit + 2)
    }
}
