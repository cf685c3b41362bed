import Foundation
import Reprise
import RepriseKernel
import Testing

@Suite struct CronExpressionTests {
    private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test(arguments: [
        ("*/15 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z"),
        ("0 9 * * 1-5", "2026-01-02T09:00:00Z", "2026-01-05T09:00:00Z"),
        ("30 23 31 * *", "2026-01-31T23:30:00Z", "2026-03-31T23:30:00Z"),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("5,10 0-1 1 1 *", "2026-01-01T00:07:00Z", "2026-01-01T00:10:00Z"),
        ("0 12 1 * 0", "2026-01-01T12:00:00Z", "2026-01-04T12:00:00Z"),
        ("0 12 * * 7", "2026-01-01T12:00:00Z", "2026-01-04T12:00:00Z"),
        ("59 23 * * *", "2026-12-31T23:59:59Z", "2027-01-01T23:59:00Z"),
        ("0 9 * Feb mon-FRI", "2026-01-02T09:00:00Z", "2026-02-02T09:00:00Z"),
        ("@daily", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        ("@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
        ("@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ]) func findsTheNextTime(cron: String, after: String, next: String) throws {
        #expect(try CronExpression(cron).next(after: try date(after)) == (try date(next)))
    }

    /// Such a schedule was taken, and completed at once without a start.
    @Test(arguments: ["0 0 30 2 *", "0 0 31 2 *", "0 0 31 4,6,9,11 *", "0 0 30-31 2 */2"])
    func refusesWhatNeverComes(cron: String) throws {
        let failure = #expect(throws: Failure.self) { try CronExpression(cron) }
        #expect(failure?.type == "InvalidSchedule" && failure?.message.contains("never occurs") == true)
    }

    @Test func findsWhatComesOnceInFortyYears() throws {
        #expect(
            try CronExpression("0 0 29 2 */6").next(after: date("2032-03-01T00:00:00Z")) == date("2048-02-29T00:00:00Z")
        )
    }

    @Test func aScheduleWithAMisspeltMemberIsRefused() throws {
        let text = #"{"name":"Hello","cron":"0 2 * * *","timezone":"Europe/Berlin"}"#
        let payload = try Payload(checking: Array(text.utf8))
        let failure = #expect(throws: Failure.self) { try PayloadCoding.decode(Schedule.self, from: payload, as: "it") }
        #expect(failure?.message.contains("no 'timezone', it has cron, timeZone, everySeconds") == true)
    }

    @Test func anIdThatLeavesNoRoomForATimeIsRefused() throws {
        try Schedule.check(id: InstanceID(String(repeating: "x", count: 231)))
        let failure = #expect(throws: Failure.self) {
            try Schedule.check(id: InstanceID(String(repeating: "x", count: 232)))
        }
        #expect(failure?.message.contains("231 characters") == true)
    }

    @Test(arguments: [
        "", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *",
        "a * * * *", "1,,2 * * * *", "-1 * * * *", "mon * * * *", "* * * mon *", "@often", "@daily 1",
    ]) func refusesWhatIsNoExpression(cron: String) {
        #expect(throws: Failure.self) { try CronExpression(cron) }
    }

    @Test func aStepOfAnySizeIsAStep() throws {
        let hourly = try CronExpression("1/\(Int.max) * * * *")
        #expect(try hourly.next(after: date("2026-01-01T00:00:00Z")) == date("2026-01-01T00:01:00Z"))
    }

    /// The next start counted one further: with the largest number there is, that ended the node.
    @Test(arguments: ["-1", "\(Int.max)", "9007199254740993"]) func refusesACountThatCannotBe(count: String) throws {
        let text = #"{"name":"Hello","everySeconds":60,"count":\#(count)}"#
        let schedule = try JSONDecoder().decode(Schedule.self, from: Data(text.utf8))
        let failure = #expect(throws: Failure.self) { try schedule.next(after: .now) }
        #expect(failure?.type == "InvalidSchedule")
    }

    @Test(arguments: [253_402_300_740, 253_402_300_800, 1e14, 1e18, .infinity, -1e18, .nan])
    func theEndOfTheCalendarIsTheEndOfTheSchedule(seconds: Double) throws {
        #expect(try CronExpression("0 0 1 1 *").next(after: Date(timeIntervalSince1970: seconds)) == nil)
    }

    @Test(arguments: [253_402_300_800, 1e14, 1e18, .infinity, .nan]) func aStartBeyondTheCalendarIsRefused(
        seconds: Double
    ) throws {
        let start = Date(timeIntervalSince1970: seconds)
        for schedule in [
            Schedule(cron: "* * * * *", name: "Hello", startAt: start),
            Schedule(everySeconds: 60, name: "Hello", startAt: start),
        ] {
            #expect(throws: Failure.self) { try schedule.next(after: .now) }
        }
        let early = Schedule(cron: "* * * * *", name: "Hello", startAt: Date(timeIntervalSince1970: -1e18))
        #expect(try early.next(after: date("2026-01-01T00:00:00Z")) == date("2026-01-01T00:01:00Z"))
    }

    @Test func aPauseKeepsItsStep() throws {
        var schedule = Schedule(everySeconds: 3_600, name: "Hello", startAt: try date("2026-01-01T00:30:00Z"))
        #expect(try schedule.next(after: date("2026-01-01T00:00:00Z")) == date("2026-01-01T00:30:00Z"))
        schedule.endAt = try date("2026-01-01T00:10:00Z")
        #expect(try schedule.next(after: date("2026-01-01T00:00:00Z")) == nil)
        #expect(throws: Failure.self) { try Schedule(name: "Hello").next(after: .now) }
        #expect(throws: Failure.self) {
            try Schedule(cron: "* * * * *", everySeconds: 1, name: "Hello").next(after: .now)
        }
        #expect(throws: Failure.self) { try Schedule(everySeconds: 0, name: "Hello").next(after: .now) }
    }
}
