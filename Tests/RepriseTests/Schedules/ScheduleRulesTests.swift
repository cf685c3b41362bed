import Foundation
import Reprise
import RepriseKernel
import Testing

@Suite struct ScheduleRulesTests {
    @Test(arguments: [
        (Schedule(cron: "0 2 * * *", timeZone: "Europe/Berln", name: "Hello"), "did you mean Europe/Berlin"),
        (Schedule(timeZone: "Europe/Berlin", everySeconds: 60, name: "Hello"), "'timeZone' is that of 'cron'"),
        (Schedule(cron: "0 0 30 2 *", timeZone: "Europe/Berlin", name: "Hello"), "never occurs"),
        (Schedule(cron: "* * * * *", jitterSeconds: -1, name: "Hello"), "'jitterSeconds' is from 0 to 604800"),
        (Schedule(cron: "* * * * *", jitterSeconds: .nan, name: "Hello"), "'jitterSeconds' is from 0"),
        (Schedule(cron: "* * * * *", catchUpSeconds: 9, name: "Hello"), "'catchUpSeconds' is from 10"),
        (Schedule(cron: "* * * * *", name: ""), "an orchestrator's name"),
        (
            Schedule(cron: "* * * * *", name: "Hello", note: String(repeating: "x", count: 1_001)),
            "'note' has at most 1000"
        ),
        (Schedule(name: "Hello"), "either 'cron' or 'everySeconds'"),
    ]) func saysWhatIsWrong(schedule: Schedule, words: String) {
        let failure = #expect(throws: Failure.self) { try schedule.next(after: .now) }
        #expect(
            failure?.type == "InvalidSchedule" && failure?.message.contains(words) == true,
            "\(failure?.message ?? "")"
        )
    }

    @Test(arguments: [
        (#"{"overlap":"sometimes"}"#, "overlap"), (#"{"nota":1}"#, "no 'nota'"), (#"{"timeZone":1}"#, "timeZone"),
    ]) func refusesWhatIsNoSchedule(json: String, words: String) throws {
        let payload = try Payload(checking: Array((#"{"name":"Hello","cron":"* * * * *","# + json.dropFirst()).utf8))
        let failure = #expect(throws: Failure.self) { try PayloadCoding.decode(Schedule.self, from: payload, as: "it") }
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test func isWrittenAsItIsRead() throws {
        var schedule = Schedule(
            cron: "30 2 * * *",
            timeZone: "Europe/Berlin",
            overlap: .bufferOne,
            jitterSeconds: 60,
            catchUpSeconds: 3_600,
            name: "Hello",
            input: ["a": 1],
            tags: ["b": "c"],
            version: "2",
            startAt: Date(timeIntervalSince1970: 1_000_000_000.25),
            endAt: Date(timeIntervalSince1970: 2_000_000_000),
            isPaused: true,
            note: "later"
        )
        for overlap in Schedule.Overlap.allCases {
            schedule.overlap = overlap
            let written = try PayloadCoding.encode(schedule, as: "it")
            #expect(try PayloadCoding.decode(Schedule.self, from: written, as: "it") == schedule)
        }
        let least = try PayloadCoding.encode(Schedule(cron: "0 2 * * *", name: "Hello"), as: "it")
        #expect(least.text == #"{"cron":"0 2 * * *","name":"Hello"}"#)
    }

    /// Schedules of the first release are in their journals: they go on where they were.
    @Test func readsWhatTheFirstReleaseWrote() throws {
        let text =
            #"{"count":3,"everySeconds":60,"first":1000000000.5,"input":null,"last":"2026-01-01T00:00:00Z","name":"Hello","tags":{}}"#
        let schedule = try PayloadCoding.decode(Schedule.self, from: Payload(checking: Array(text.utf8)), as: "it")
        let next = try #require(try schedule.next(after: Date(timeIntervalSince1970: 1_000_000_100)))
        #expect(next.timeIntervalSince1970 == 1_000_000_120.5)
        let status =
            #"{"count":3,"lastInstance":"a@2026-01-01T00:00:00Z","lastStart":"2026-01-01T00:00:00Z","nextStart":"2026-01-01T00:01:00Z"}"#
        let said = try PayloadCoding.decode(ScheduleStatus.self, from: Payload(checking: Array(status.utf8)), as: "it")
        #expect(said.count == 3 && said.nextStarts.count == 1 && said.runs.isEmpty && !said.isPaused)
    }

    /// Whatever the fractions, two times are never the same.
    @Test(arguments: [1, 1.1, 1.3, 1.5, 1.7, 2.9, 86_399.99]) func intervalsGoForward(seconds: Double) throws {
        var schedule = Schedule(
            everySeconds: seconds,
            name: "Hello",
            startAt: Date(timeIntervalSince1970: 1_800_000_000.7)
        )
        let payload = try PayloadCoding.encode(schedule, as: "it")
        let began = payload.text.dropLast() + #","first":1800000000.7}"#
        schedule = try PayloadCoding.decode(Schedule.self, from: Payload(checking: Array(began.utf8)), as: "it")
        var now = Date(timeIntervalSince1970: 1_800_000_000)
        for index in 0..<2_000 {
            let next = try #require(try schedule.next(after: now))
            #expect(abs(next.timeIntervalSince1970 - (1_800_000_000.7 + Double(index) * seconds)) < 0.001)
            now = next
        }
    }
}
