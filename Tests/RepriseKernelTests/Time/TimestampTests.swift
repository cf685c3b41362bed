import RepriseKernel
import Testing

@Suite("Recorded time saturates and is never early")
struct TimestampTests {
    private let noon = Timestamp(milliseconds: 1_700_000_000_000)

    @Test("Whole milliseconds are exact", arguments: [0, 1, 999, 1_000, 86_400_000, -1, -999, -1_000, -1_500])
    func exact(milliseconds: Int64) {
        #expect((noon + .milliseconds(milliseconds)).milliseconds == noon.milliseconds + milliseconds)
    }

    @Test("Parts of one are rounded up")
    func roundedUp() {
        #expect((noon + .nanoseconds(1)).milliseconds == noon.milliseconds + 1)
        #expect((noon + .microseconds(1_001)).milliseconds == noon.milliseconds + 2)
        #expect((noon + .nanoseconds(-1)).milliseconds == noon.milliseconds)
        #expect((noon + .microseconds(-1_500)).milliseconds == noon.milliseconds - 1)
        #expect((noon + Duration(secondsComponent: 0, attosecondsComponent: 1)).milliseconds == noon.milliseconds + 1)
    }

    @Test("What is too long is the end of time")
    func saturation() {
        let end = Timestamp(milliseconds: .max)
        #expect(noon + .seconds(Int64.max) == end)
        #expect(noon + .seconds(Int64.max / 1_000) == end)
        #expect(end + .milliseconds(1) == end)
        #expect(end + .nanoseconds(1) == end)
        #expect(noon + .seconds(Int64.min) == .zero)
        #expect(noon + .seconds(300 * 366 * 86_400) < end)
    }
}
