import RepriseKernel
import Testing

@Suite("A body is one JSON value in UTF-8, or it is refused")
struct JSONCheckTests {
    @Test(
        "Values",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "-1.50", "1e5", "1E+5", "1e-5", "0.0e0",
            "1e999",
            "123456789012345678901234567890", #""""#, #""a""#, #""größe 🚂""#, #""\"\\\/\b\f\n\r\t\u0041""#,
            // The grammar allows half a pair; whether a decoder does is its own affair.
            #""\ud800""#, #""\uDC00\uD800""#,
            "[]", "{}", "[ ]", "{ }", "[1]", "[1,2]", "[[],{}]", #"{"a":1}"#, #"{"a":1,"a":2}"#, #"{"":{"":[]}}"#,
            " \t\r\n[ 1 , { \"a\" : null } ] \n", "\"\u{7F}\"", "\"\u{2028}\"",
        ]
    )
    func valid(text: String) {
        #expect(throws: Never.self) { try JSONCheck.check(Array(text.utf8)) }
    }

    @Test(
        "Not values",
        arguments: [
            "", " ", "nul", "nulll", "True", "undefined", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", ".5",
            "1.", "1.e5",
            "1e", "1e+", "0x10", "1_000", "1 2", "'a'", "a", #"""#, #""a"#, #""\""#, #""\x41""#, #""\u12""#,
            #""\u12G4""#, #""\u"#, #""\"#,
            "\"\n\"", "\"\t\"", "\"\u{0}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{1:2}",
            "{a:1}", #"{"a"}"#,
            #"{"a":}"#, #"{"a":1,}"#, #"{"a":1]"#, #"{"a" 1}"#, #"{,}"#, "[]]", "{}{}", "null,", "\u{FEFF}null",
            "/**/null", "null//",
            "\u{A0}null", "\u{B}null", "nul\u{0}",
        ]
    )
    func invalid(text: String) {
        #expect(throws: JSONCheck.Problem.self) { try JSONCheck.check(Array(text.utf8)) }
    }

    @Test(
        "Bytes that are not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0x6E, 0x75, 0x6C, 0x6C, 0xC3],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        let problem = #expect(throws: JSONCheck.Problem.self) { try JSONCheck.check(bytes) }
        #expect(problem?.description == "the body is not valid UTF-8")
    }

    @Test("128 levels pass, 129 do not; a million exhaust nothing")
    func depth() {
        func nested(_ levels: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)).utf8)
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), ("[{\"a\":", "}]")] {
            let perRound = open.count(where: { "[{".contains($0) })
            #expect(throws: Never.self) { try JSONCheck.check(nested(128 / perRound, open, close)) }
            #expect(throws: JSONCheck.Problem.self) { try JSONCheck.check(nested(128 / perRound + 1, open, close)) }
        }
        #expect(throws: JSONCheck.Problem.self) {
            try JSONCheck.check(Array(repeating: UInt8(ascii: "["), count: 1_000_000))
        }
        #expect(throws: JSONCheck.Problem.self) { try JSONCheck.check(nested(1_000_000, "[", "]")) }
    }

    @Test("A value cut off anywhere is not a value")
    func truncated() throws {
        let whole = Array(#"{"a":[1.5e-3,"x\u00e9\n",{"b":null,"c":[true,false]}],"ü":-1}"#.utf8)
        try JSONCheck.check(whole)
        for count in 0..<whole.count {
            #expect(throws: JSONCheck.Problem.self) { try JSONCheck.check(Array(whole.prefix(count))) }
        }
    }

    @Test("A problem says where, and nothing of the body")
    func problem() {
        let problem = #expect(throws: JSONCheck.Problem.self) {
            try JSONCheck.check(Array(#"{"secret": hunter2}"#.utf8))
        }
        #expect(problem?.description == "not JSON: expected a value (byte 11)")
    }
}
