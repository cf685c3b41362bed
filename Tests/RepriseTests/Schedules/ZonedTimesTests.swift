import Foundation
import Reprise
import RepriseKernel
import Testing

/// Where clocks are set: what cron has done since Vixie.
@Suite struct ZonedTimesTests {
    /// All times in a span, as UTC.
    private func times(_ cron: String, _ zone: String, from: String, to: String) throws -> [String] {
        let (expression, rules) = (try CronExpression(cron), try ZoneDatabase.rules(of: zone))
        var (times, now): ([String], Date) = ([], try Date(from, strategy: .iso8601).addingTimeInterval(-1))
        let end = try Date(to, strategy: .iso8601)
        while let next = expression.next(after: now, in: rules), next < end {
            #expect(next > now)
            times.append(next.formatted(.iso8601))
            now = next
        }
        return times
    }

    @Test(
        arguments: [
            // Set forward, 01:00Z: 02:00 becomes 03:00. What is left out is made up for at once.
            (
                "30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z",
                ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
            ),
            ("0 2 * * *", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z", ["2026-03-29T01:00:00Z"]),
            ("0,20,40 2 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-29T01:00:00Z"]),
            // With the time that would be due then, it is one start.
            (
                "30 2,3 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z",
                ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]
            ),
            ("0 2,3 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-29T01:00:00Z"]),
            ("59 1 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-29T00:59:00Z"]),
            ("0 3 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-29T01:00:00Z"]),
            // What keeps its pace leaves it out.
            (
                "30 * * * *", "2026-03-28T23:00:00Z", "2026-03-29T03:00:00Z",
                ["2026-03-28T23:30:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"]
            ),
            (
                "*/30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-30T01:00:00Z",
                ["2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z"]
            ),
            // Set back, 01:00Z: 03:00 becomes 02:00. What is shown twice counts once.
            (
                "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z",
                ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
            ),
            ("0 2 * * *", "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z", ["2026-10-25T00:00:00Z"]),
            ("0 3 * * *", "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z", ["2026-10-25T02:00:00Z"]),
            (
                "15,45 2 * * *", "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z",
                ["2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z"]
            ),
            (
                "30 * * * *", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z",
                ["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]
            ),
            (
                "*/30 2 * * *", "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z",
                ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"]
            ),
            // Days are those of the zone.
            (
                "30 0 1 * *", "2026-05-15T00:00:00Z", "2026-08-01T00:00:00Z",
                ["2026-05-31T22:30:00Z", "2026-06-30T22:30:00Z", "2026-07-31T22:30:00Z"]
            ),
            ("30 0 * * mon", "2026-06-06T00:00:00Z", "2026-06-14T00:00:00Z", ["2026-06-07T22:30:00Z"]),
        ] as [(String, String, String, [String])]
    ) func inBerlin(cron: String, from: String, to: String, expected: [String]) throws {
        #expect(try times(cron, "Europe/Berlin", from: from, to: to) == expected)
    }

    @Test(
        arguments: [
            // New York, 2026-03-08 and 2026-11-01.
            (
                "America/New_York", "30 2 * * *", "2026-03-08T00:00:00Z", "2026-03-09T12:00:00Z",
                ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]
            ),
            (
                "America/New_York", "30 1 * * *", "2026-11-01T00:00:00Z", "2026-11-02T12:00:00Z",
                ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
            ),
            // By half an hour only, in the south.
            (
                "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00:00Z", "2026-10-04T12:00:00Z",
                ["2026-10-03T15:30:00Z"]
            ),
            (
                "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z",
                ["2026-04-04T14:45:00Z"]
            ),
            (
                "Australia/Lord_Howe", "45 * * * *", "2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z",
                ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-04T16:15:00Z"]
            ),
            // At midnight: the day begins at 01:00, and another ends twice.
            (
                "America/Havana", "0 0 * * *", "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z",
                ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"]
            ),
            (
                "America/Sao_Paulo", "30 0 * * *", "2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z",
                ["2018-11-04T03:00:00Z", "2018-11-05T02:30:00Z"]
            ),
            (
                "America/Sao_Paulo", "30 23 * * *", "2018-02-17T12:00:00Z", "2018-02-19T12:00:00Z",
                ["2018-02-18T01:30:00Z", "2018-02-19T02:30:00Z"]
            ),
            (
                "America/Sao_Paulo", "30 23 17 2 *", "2018-02-17T12:00:00Z", "2018-02-19T12:00:00Z",
                ["2018-02-18T01:30:00Z"]
            ),
            // A day that was left out as a whole, and two that a quarter of an hour is part of.
            (
                "Pacific/Apia", "0 12 * * *", "2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z",
                ["2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z", "2011-12-31T22:00:00Z"]
            ),
            ("Asia/Kathmandu", "0 0 * * *", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", ["2026-01-01T18:15:00Z"]),
        ] as [(String, String, String, String, [String])]
    )
    func elsewhere(zone: String, cron: String, from: String, to: String, expected: [String]) throws {
        #expect(try times(cron, zone, from: from, to: to) == expected)
    }

    /// Every day of six years, in every kind of zone: once a day, and never backwards.
    @Test(arguments: [
        "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca",
    ])
    func aFixedTimeComesOnceADay(zone: String) throws {
        for minute in ["30 0", "30 2", "0 3"] {
            let all = try times("\(minute) * * *", zone, from: "2024-01-01T12:00:00Z", to: "2029-12-31T12:00:00Z")
            #expect(all.count == 2_191 && Set(all).count == all.count, "\(minute): \(all.count)")
        }
    }

    /// Every minute is every minute, whatever the clocks do.
    @Test(arguments: ["Europe/Berlin", "Australia/Lord_Howe"]) func everyMinuteIsEveryMinute(zone: String) throws {
        for day in ["2026-03-29", "2026-10-25", "2026-10-03", "2026-04-04"] {
            let begin = try Date("\(day)T00:00:00Z", strategy: .iso8601)
            let all = try times("* * * * *", zone, from: "\(day)T00:00:00Z", to: "\(day)T23:59:59Z")
            #expect(all == (0..<1_440).map { begin.addingTimeInterval(Double($0) * 60).formatted(.iso8601) })
        }
    }
}
