import RepriseKernel
import Testing
import reprise_cli

@Suite struct TimeArgumentTests {
    @Test(arguments: [("0s", 0), ("90s", 90), ("10m", 600), ("2h", 7_200), ("7d", 604_800)])
    func spans(text: String, seconds: Int) {
        #expect(TimeArgument.span(text) == .seconds(seconds))
    }

    @Test(arguments: ["", "s", "7", "-1s", "1.5h", "1w", "999999999999d", "9223372036854775807s", "1 h"])
    func noSpans(text: String) {
        #expect(TimeArgument.span(text) == nil)
    }

    @Test func times() {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        #expect(TimeArgument.time("+10m", now: now) == now + .seconds(600))
        #expect(TimeArgument.time("2023-11-14T22:13:20Z", now: .zero) == now)
        #expect(TimeArgument.time("10m", now: now) == nil)
        #expect(TimeArgument.time("+2023-11-14", now: now) == nil)
    }
}
