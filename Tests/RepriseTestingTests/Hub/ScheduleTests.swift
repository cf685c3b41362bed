import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

/// Runs for as many seconds as it is told, and takes one more to clean up when it is canceled.
private struct Nap: Orchestrator {
    func run(_ context: OrchestrationContext, input seconds: Int) async throws -> Int {
        do {
            try await context.sleep(for: .seconds(seconds))
        } catch is CancellationError where context.isCancellationRequested {
            try await context.sleep(for: .seconds(1))
            throw CancellationError()
        }
        if seconds == 13 { throw NapFailed() }
        return seconds
    }
}

private struct NapFailed: Error {}

@Suite("Schedules")
struct ScheduleTests {
    private let hub: TestHub
    /// A hub's clock begins at 2023-11-14T22:13:20Z, the first whole minute of which is 22:14.
    init() throws { hub = try TestHub(orchestrators: [Nap()]) }

    private func status(_ hub: TestHub? = nil) async throws -> ScheduleStatus {
        try #require(try await (hub ?? self.hub).status(of: "s").customStatus(as: ScheduleStatus.self))
    }

    /// A start every minute of what takes `seconds`.
    private func minutely(
        _ overlap: Schedule.Overlap,
        taking seconds: Int,
        catchUp: Double? = nil
    ) -> Schedule {
        Schedule(
            cron: "* * * * *",
            overlap: overlap,
            catchUpSeconds: catchUp,
            name: Nap.name,
            input: .integer(Int64(seconds))
        )
    }

    /// `22:14:00`
    private func times(_ dates: [Date]) -> [String] {
        dates.map { String($0.formatted(.iso8601).dropFirst(11).dropLast()) }
    }

    private func states(_ status: ScheduleStatus, _ hub: TestHub? = nil) async throws -> [RuntimeStatus] {
        var states: [RuntimeStatus] = []
        for run in status.runs { states.append(try await (hub ?? self.hub).status(of: run.instance).runtimeStatus) }
        return states
    }

    // MARK: Overlap

    @Test("What is due while another runs goes by the policy", arguments: [Faults(), .all])
    func overlap(faults: Faults) async throws {
        let expected: [Schedule.Overlap: (runs: [String], skipped: Int, states: [RuntimeStatus])] = [
            .allowAll: (
                ["22:14:00", "22:15:00", "22:16:00", "22:17:00", "22:18:00"], 0,
                [.completed, .completed, .running, .running, .running]
            ),
            .skip: (["22:14:00", "22:17:00"], 2, [.completed, .running]),
            .bufferOne: (["22:14:00", "22:15:00"], 1, [.completed, .running]),
            .cancelOther: (
                ["22:14:00", "22:15:00", "22:16:00", "22:17:00", "22:18:00"], 0,
                [.canceled, .canceled, .canceled, .canceled, .running]
            ),
            .terminateOther: (
                ["22:14:00", "22:15:00", "22:16:00", "22:17:00", "22:18:00"], 0,
                [.terminated, .terminated, .terminated, .terminated, .running]
            ),
        ]
        for (overlap, wanted) in expected.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var configuration = TestHubConfiguration()
            configuration.faults = faults
            let hub = try TestHub(orchestrators: [Nap()], configuration: configuration)
            try await hub.start(Schedule.orchestrator, minutely(overlap, taking: 150), id: "s")
            // To 22:18:10, or a little later.
            try await hub.advance(by: .seconds(290))
            let status = try await status(hub)
            #expect(times(status.runs.map(\.due)) == wanted.runs, "\(overlap)")
            #expect(status.skipped == wanted.skipped, "\(overlap)")
            #expect(try await states(status, hub) == wanted.states, "\(overlap)")
            #expect(status.count == wanted.runs.count && status.lastInstance == status.runs.last?.instance)
            #expect(status.running == (overlap == .allowAll ? [] : [status.lastInstance]))
        }
    }

    @Test("What waits for another run starts when that has ended, and what failed is named")
    func buffered() async throws {
        try await hub.start(Schedule.orchestrator, minutely(.bufferOne, taking: 150), id: "s")
        try await hub.advance(by: .seconds(40 + 150 + 1))
        let run = try #require(try await status().runs.last)
        #expect(times([run.due, try await hub.status(of: run.instance).createdTime]) == ["22:15:00", "22:16:30"])
        #expect(try await hub.history(of: "s").count < 30)

        try await hub.start(Schedule.orchestrator, minutely(.skip, taking: 13), id: "failing")
        try await hub.advance(by: .seconds(120))
        let failing = try #require(try await hub.status(of: "failing").customStatus(as: ScheduleStatus.self))
        #expect(failing.lastFailure?.contains("NapFailed") == true && failing.count == 2)
        try await hub.start(
            Schedule.orchestrator,
            Schedule(everySeconds: 60, overlap: .skip, name: "Nobody"),
            id: "nobody"
        )
        try await hub.advance(by: .seconds(70))
        let nobody = try #require(try await hub.status(of: "nobody").customStatus(as: ScheduleStatus.self))
        #expect(nobody.lastFailure?.contains("Nobody") == true && nobody.count == 2)
    }

    @Test("A year of runs that overlap leaves a history of one", arguments: Schedule.Overlap.allCases)
    func staysSmall(overlap: Schedule.Overlap) async throws {
        let daily = Schedule(
            cron: "0 3 * * *",
            timeZone: "Europe/Berlin",
            overlap: overlap,
            name: Nap.name,
            input: 100_000
        )
        try await hub.start(Schedule.orchestrator, daily, id: "s")
        try await hub.advance(by: .days(365))
        let status = try await status()
        #expect(status.runs.count == 10 && status.count + status.skipped >= 363 && status.count > 180)
        #expect(try await hub.history(of: "s").count < 30)
    }

    // MARK: Pausing, triggers, backfills

    @Test("Paused, it lets times pass and still heeds a trigger", arguments: [Schedule.Overlap.allowAll, .skip])
    func pausing(overlap: Schedule.Overlap) async throws {
        try await hub.start(Schedule.orchestrator, minutely(overlap, taking: 1), id: "s")
        try await hub.advance(by: .seconds(70))
        try await hub.raise(Schedule.Pause(note: "the printer is on fire"), to: "s")
        var said = try await status()
        #expect(
            said.isPaused && said.note == "the printer is on fire" && said.nextStart == nil && said.nextStarts.isEmpty
        )
        try await hub.advance(by: .seconds(600))
        try await hub.raise(Schedule.Trigger(), to: "s")
        try await hub.raise(Schedule.Pause(note: "and still is"), to: "s")
        said = try await status()
        #expect(said.count == 2 && said.isPaused && said.note == "and still is")
        #expect(said.runs.map(\.cause) == [.time, .trigger])
        #expect(said.lastInstance == "s@2023-11-14T22:24:30.000Z")
        try await hub.raise(Schedule.Unpause(), to: "s")
        said = try await status()
        #expect(!said.isPaused && said.note == nil && said.skipped == 0)
        #expect(times(said.nextStarts) == ["22:25:00", "22:26:00", "22:27:00", "22:28:00", "22:29:00"])
        try await hub.advance(by: .seconds(60))
        #expect(try await status().count == 3)
        // What is not paused goes on where it was.
        try await hub.raise(Schedule.Unpause(note: "again"), to: "s")
        #expect(times(try await status().nextStarts.prefix(1) + []) == ["22:26:00"])
    }

    @Test("A schedule may begin paused, and a pause outlasts its last start")
    func pausedFromTheBeginning() async throws {
        var schedule = Schedule(everySeconds: 60, name: Nap.name, input: 1, isPaused: true, note: "not yet")
        schedule.endAt = await hub.now.addingTimeInterval(90)
        try await hub.start(Schedule.orchestrator, schedule, id: "s")
        try await hub.advance(by: .seconds(600))
        let said = try await status()
        #expect(said.count == 0 && said.note == "not yet")
        try await hub.raise(Schedule.Unpause(), to: "s")
        #expect(try await hub.status(of: "s").runtimeStatus == .completed)
    }

    @Test("Each trigger is a start, also in one moment, by the overlap policy")
    func triggers() async throws {
        for overlap in Schedule.Overlap.allCases {
            let id = try InstanceID("t-\(overlap)")
            let later = Schedule(cron: "0 0 1 1 *", overlap: overlap, name: Nap.name, input: 60)
            try await hub.start(Schedule.orchestrator, later, id: id)
            for _ in 0..<3 { try await hub.raise(Schedule.Trigger(), to: id) }
            try await hub.advance(by: .seconds(200))
            let said = try #require(try await hub.status(of: id).customStatus(as: ScheduleStatus.self))
            // What is terminated has ended when the next trigger comes; what is canceled has not.
            let wanted = [.skip: [1, 2], .bufferOne: [2, 1], .cancelOther: [2, 1]][overlap] ?? [3, 0]
            #expect([said.count, said.skipped] == wanted, "\(overlap)")
            #expect(Set(said.runs.map(\.instance)).count == said.count)
        }
    }

    @Test("A backfill leaves nothing out, and replaces what has ended", arguments: [Faults(), .all])
    func backfill(faults: Faults) async throws {
        for overlap in [Schedule.Overlap.allowAll, .skip, .cancelOther] {
            var configuration = TestHubConfiguration()
            configuration.faults = faults
            let hub = try TestHub(orchestrators: [Nap()], configuration: configuration)
            let daily = Schedule(
                cron: "0 3 * * *",
                timeZone: "Europe/Berlin",
                overlap: overlap,
                name: Nap.name,
                input: 30
            )
            try await hub.start(Schedule.orchestrator, daily, id: "s")
            // Clocks were set back on October 29.
            let backfill = Schedule.Backfill(
                from: try Date("2023-10-27T01:00:00Z", strategy: .iso8601),
                to: try Date("2023-10-31T01:59:59Z", strategy: .iso8601)
            )
            try await hub.raise(backfill, to: "s")
            try await hub.advance(by: .seconds(200))
            let said = try await status(hub)
            #expect(
                said.runs.map(\.instance) == [
                    "s@2023-10-27T01:00:00Z", "s@2023-10-28T01:00:00Z", "s@2023-10-29T02:00:00Z",
                    "s@2023-10-30T02:00:00Z",
                ]
            )
            #expect(said.runs.allSatisfy { $0.cause == .backfill } && said.lastStart == nil && said.skipped == 0)
            #expect(try await states(said, hub) == Array(repeating: .completed, count: 4))
            let created = try await hub.status(of: "s@2023-10-30T02:00:00Z").createdTime
            try await hub.raise(backfill, to: "s")
            try await hub.advance(by: .seconds(200))
            #expect(try await status(hub).count == 8)
            #expect(try await hub.status(of: "s@2023-10-30T02:00:00Z").createdTime > created)
            try await hub.raise(
                Schedule.Backfill(from: backfill.from, to: backfill.from.addingTimeInterval(-0)),
                to: "s"
            )
            #expect(try await status(hub).nextStart?.formatted(.iso8601) == "2023-11-15T02:00:00Z")
        }
    }

    @Test("An event of another shape is refused")
    func wrongEvents() async throws {
        try await hub.start(Schedule.orchestrator, minutely(.allowAll, taking: 1), id: "s")
        for (event, data, words) in [
            ("Pause", JSON.object(["nota": "x"]), "a pause has no 'nota', it has note"),
            ("Trigger", .object(["at": 1]), "a trigger has no 'at', it has nothing"),
            ("Unpause", .string("x"), "Unpause"),
            ("Backfill", .object(["from": "2023-01-02", "to": "2023-01-01"]), "from a time to a later one"),
            ("Backfill", .null, "Backfill"),
        ] {
            let error = await #expect(throws: RepriseError.self) { try await hub.raiseEvent(event, data, to: "s") }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        for event in ["Pause", "Unpause", "Trigger"] { try await hub.raiseEvent(event, JSON.null, to: "s") }
        #expect(try await status().count == 1)
    }

    // MARK: Jitter

    @Test("Jitter is the same for a schedule and a time, and never goes beyond the next")
    func jitter() async throws {
        var schedule = minutely(.allowAll, taking: 1)
        schedule.jitterSeconds = 3_600
        try await hub.start(Schedule.orchestrator, schedule, id: "s")
        let planned = try await status().nextStarts
        #expect(
            planned == planned.sorted()
                && Set(planned.map { $0.timeIntervalSince1970.truncatingRemainder(dividingBy: 60) }).count == 5
        )
        try await hub.advance(by: .seconds(60 * 7))
        let runs = try await status().runs
        #expect(times(runs.map(\.due)).prefix(3) == ["22:14:00", "22:15:00", "22:16:00"])
        for (run, time) in zip(runs, planned) {
            #expect(abs(try await hub.status(of: run.instance).createdTime.timeIntervalSince(time)) < 0.002)
            #expect(time >= run.due && time < run.due.addingTimeInterval(60))
        }
        try await hub.start(Schedule.orchestrator, schedule, id: "other")
        let other = try #require(try await hub.status(of: "other").customStatus(as: ScheduleStatus.self))
        let next = try await status().nextStart
        #expect(other.nextStart != next)
    }

    // MARK: Time zones

    @Test("A night in Berlin in which clocks are set back has one start, and the next is a day later by the clock")
    func berlin() async throws {
        try await hub.advance(to: try Date("2024-03-29T12:00:00Z", strategy: .iso8601))
        let nightly = Schedule(cron: "30 2 * * *", timeZone: "Europe/Berlin", name: Nap.name, input: 1)
        try await hub.start(Schedule.orchestrator, nightly, id: "s")
        try await hub.advance(by: .days(3))
        #expect(
            try await status().runs.map(\.instance) == [
                "s@2024-03-30T01:30:00Z", "s@2024-03-31T01:00:00Z", "s@2024-04-01T00:30:00Z",
            ]
        )
    }

    @Test("A zone that there is not fails the schedule, which says what was meant")
    func unknownZone() async throws {
        let nightly = Schedule(cron: "30 2 * * *", timeZone: "Europe/Berln", name: Nap.name)
        let failed = try await hub.start(Schedule.orchestrator, nightly, id: "s")
        #expect(try await hub.status(of: failed).failure?.message.contains("did you mean Europe/Berlin?") == true)
    }
}
