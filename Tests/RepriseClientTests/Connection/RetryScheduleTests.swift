import RepriseClient
import Testing

@Suite("How long to go on trying")
struct RetryScheduleTests {
    private func pauses(_ count: Int, timeout: Duration?, fraction: Double) -> [Duration?] {
        var persistence = RetrySchedule(timeout: timeout)
        return (0..<count).map { _ in persistence.pause(elapsed: .zero, fraction: fraction) }
    }

    @Test("Pauses double up to five seconds, and half of each is drawn")
    func backOff() {
        let most: [Duration] = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000].map { .milliseconds($0) }
        #expect(pauses(9, timeout: nil, fraction: 1) == most)
        #expect(pauses(9, timeout: nil, fraction: 0) == most.map { $0 / 2 })
        #expect(pauses(9, timeout: nil, fraction: 7) == most)
    }

    @Test("After an answer they begin again")
    func success() {
        var persistence = RetrySchedule(timeout: nil)
        for _ in 0..<5 { _ = persistence.pause(elapsed: .zero, fraction: 1) }
        persistence.succeeded()
        #expect(persistence.pause(elapsed: .zero, fraction: 1) == .milliseconds(100))
    }

    @Test("No less is waited than was asked for; more than there is time for is not waited at all")
    func limits() {
        var persistence = RetrySchedule(timeout: .seconds(10))
        #expect(persistence.pause(elapsed: .zero, retryAfter: .seconds(5), fraction: 0) == .seconds(5))
        #expect(persistence.pause(elapsed: .seconds(5), retryAfter: .seconds(5), fraction: 0) == nil)
        #expect(persistence.pause(elapsed: .seconds(9), retryAfter: .zero, fraction: 1) == .milliseconds(400))
        #expect(persistence.pause(elapsed: .seconds(11), fraction: 0) == nil)
    }

    @Test("A million failures pause no longer than ten")
    func many() {
        var persistence = RetrySchedule(timeout: nil)
        for _ in 0..<1_000_000 { _ = persistence.pause(elapsed: .zero, fraction: 1) }
        #expect(persistence.pause(elapsed: .zero, fraction: 1) == .seconds(5))
    }

    @Test("What may pass", arguments: 100..<600)
    func statuses(status: Int) {
        #expect(RetrySchedule.mayPass(status) == [408, 429, 502, 503, 504].contains(status))
    }
}
