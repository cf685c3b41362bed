import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("Following an orchestration in memory")
struct FollowingTests {
    private func hub(_ faults: Faults = []) throws -> TestHub {
        try TestHub(
            orchestrators: [Greetings(), Countdown(), Waiter()],
            activities: [Greet()],
            configuration: TestHubConfiguration(faults: faults)
        )
    }

    @Test("Every change is told once, in order, and time passes for it", arguments: [[], .all] as [Faults])
    func changes(faults: Faults) async throws {
        let hub = try hub(faults)
        let id = try await hub.start(Countdown.self, 3)
        let begin = await hub.now
        var told: [OrchestrationChange] = []
        for try await change in try hub.changes(of: id) { told.append(change) }
        #expect(
            told.map(\.kind)
                == [.started, .continuedAsNew, .continuedAsNew, .continuedAsNew, .completed]
        )
        #expect(told.map(\.runtimeStatus) == [.running, .running, .running, .running, .completed])
        #expect(try told.last?.output(as: String.self) == "done")
        #expect(await hub.now.timeIntervalSince(begin) == 3 * 3600)

        var rest: [OrchestrationChange] = []
        for try await change in try hub.changes(of: id, after: told[2].revision) { rest.append(change) }
        #expect(rest == Array(told[3...]))
    }

    @Test("A follower sees a custom status as it was at each change, and no longer the former instance's")
    func customStatuses() async throws {
        let hub = try hub()
        let id = try await hub.start(Greetings.self, ["Tokyo", "Seattle"])
        try await hub.end(of: id)
        for _ in 1...2 {
            var told: [String?] = []
            for try await change in try hub.changes(of: id) { told.append(try change.customStatus(as: String.self)) }
            #expect(told == [nil, "Tokyo", "Seattle", "Seattle"])
            try await hub.restartInPlace(id)
        }
    }

    @Test("Statuses lead to the end; what no one can end says why; what is not there throws")
    func statuses() async throws {
        let hub = try hub()
        let id = try await hub.start(Countdown.self, 2)
        var told: [OrchestrationStatus] = []
        for try await status in try hub.statuses(of: id) { told.append(status) }
        #expect(told.first?.runtimeStatus == .running && told.last?.runtimeStatus == .completed)
        let revisions = told.compactMap(\.revision)
        #expect(revisions == revisions.sorted() && Set(revisions).count == told.count)

        let waiting = try await hub.start(Waiter.self, 1)
        var seen = try hub.statuses(of: waiting).makeAsyncIterator()
        #expect(try await seen.next()?.runtimeStatus == .running)
        do {
            _ = try await seen.next()
            Issue.record("nothing can happen")
        } catch let error as RepriseError {
            #expect(error.code == .stuck && error.message.contains("the event 'Go'"))
        }
        try await hub.raiseEvent("Go", "now", to: waiting)
        #expect(try await seen.next()?.runtimeStatus == .completed)
        #expect(try await seen.next() == nil)

        let nobody = try InstanceID("nobody")
        let unknown = await #expect(throws: RepriseError.self) {
            for try await _ in hub.changes(of: nobody) {}
        }
        #expect(unknown?.code == .unknownInstance)
        let missing = await #expect(throws: RepriseError.self) {
            for try await _ in hub.statuses(of: nobody) {}
        }
        #expect(missing?.code == .unknownInstance)
    }
}
