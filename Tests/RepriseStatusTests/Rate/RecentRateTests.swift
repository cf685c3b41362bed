import RepriseKernel
import Testing

@testable import RepriseStatus

@Suite struct RecentRateTests {
    private static let birth = ContinuousClock.now
    private let rate = RecentRate(birth: birth)
    private let noon: Int64 = 1_800_000_000_000

    private func message(
        _ kind: StatusMessage.Kind,
        _ version: Int64,
        at milliseconds: Int64,
        of instance: String = "a"
    ) throws -> StatusMessage {
        StatusMessage(
            kind: kind,
            instance: InstanceID(trusted: instance),
            name: "Hello",
            incarnation: 1,
            version: version,
            partition: PartitionNumber(0),
            sequence: StatusSequenceNumber(rawValue: version),
            epoch: 1,
            time: Timestamp(milliseconds: noon + milliseconds),
            createdTime: Timestamp(milliseconds: noon),
            payload: .null
        )
    }

    private func counts(after milliseconds: Int64, uptime: Int64 = 3600) -> RecentRate.Counts {
        rate.counts(at: Timestamp(milliseconds: noon + milliseconds), instant: Self.birth + .seconds(uptime))
    }

    @Test func countsWhatBeginsAndWhatEndsWithinTheMinute() throws {
        for version in 1...3 { rate.count(try message(.started, 1, at: Int64(version) * 1000)) }
        rate.count(try message(.customStatusSet, 2, at: 4000))
        rate.count(try message(.completed, 3, at: 5000))
        rate.count(try message(.failed, 3, at: 5000))
        #expect(counts(after: 6000) == RecentRate.Counts(started: 3, ended: 2, seconds: 59))
        #expect(counts(after: 61_500) == RecentRate.Counts(started: 2, ended: 2, seconds: 59))
        #expect(counts(after: 600_000) == RecentRate.Counts(started: 0, ended: 0, seconds: 59))
    }

    @Test func aYoungGatewayCountsOverItsLife() throws {
        rate.count(try message(.scheduled, 1, at: -30_000))
        rate.count(try message(.scheduled, 1, at: 1000))
        #expect(counts(after: 3000, uptime: 5) == RecentRate.Counts(started: 1, ended: 0, seconds: 5))
        #expect(counts(after: 3000, uptime: 0).seconds == 1)
    }

    @Test func whatIsCaughtUpOnIsNoRush() throws {
        rate.count(try message(.started, 1, at: 120_000))
        // An hour old, in the place of a younger second: it must not push that out.
        rate.count(try message(.started, 1, at: 120_000 - 3_600_000))
        #expect(counts(after: 121_000).started == 1)
    }

    @Test func entitiesAreNoInstances() throws {
        rate.count(try message(.entityChanged, 1, at: 1000, of: "@counter@a"))
        #expect(counts(after: 2000).started == 0)
    }
}
