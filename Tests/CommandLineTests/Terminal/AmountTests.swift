import RepriseKernel
import Testing
import reprise_cli

@Suite struct AmountTests {
    @Test(arguments: [
        (0, "0.00 s"), (123, "0.12 s"), (9_994, "9.99 s"), (12_345, "12.3 s"), (65_000, "1 min 05 s"),
        (7_260_000, "2 h 01 min"), (90_000_000, "1 d 01 h"), (-5, "0.00 s"),
    ])
    func durations(milliseconds: Int, text: String) {
        #expect(Amount.duration(.milliseconds(milliseconds)) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-12_345_678, "-12,345,678")])
    func counts(count: Int, text: String) {
        #expect(Amount.count(count) == text)
    }

    @Test func nouns() {
        #expect(Amount.of(1, "message") == "1 message")
        #expect(Amount.of(0, "message") == "0 messages")
    }

    @Test func fractions() {
        #expect(Amount.fixed(1.005, 1) == "1.0")
        #expect(Amount.fixed(-0.04, 1) == "0.0")
        #expect(Amount.fixed(2.5, 0) == "3")
        #expect(Amount.fixed(.nan, 2) == "–")
        #expect(Amount.fixed(12.3456, 3) == "12.346")
    }

    @Test func fractionsInJSON() {
        var object = JSONObject()
        object.add("rate", 1.234)
        object.add("never", Double.infinity)
        #expect(String(decoding: object.bytes, as: UTF8.self) == #"{"rate":1.23,"never":null}"#)
    }
}
