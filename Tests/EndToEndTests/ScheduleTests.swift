import Foundation
import Reprise
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// Something is due every second, and the node is killed with -9 again and again.
@Suite struct ScheduleTests {
    @Test("Each time has one run, also those at which no node ran", .timeLimit(.minutes(4)))
    func killedAgainAndAgain() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "kill-schedule")
        defer { hub.remove() }
        let (every, one) = (try InstanceID("every"), try InstanceID("one"))
        let first = try await hub.node()
        try await hub.withClient { client in
            var node = first
            for (id, overlap) in [(every, Schedule.Overlap.allowAll), (one, .bufferOne)] {
                let schedule = Schedule(
                    everySeconds: 1,
                    overlap: overlap,
                    catchUpSeconds: 600,
                    name: "E1_HelloSequence"
                )
                let input = try PayloadCoding.encode(schedule, as: "it")
                let answer = try await client.startPatiently(Schedule.orchestrator, id: id.value, input: input)
                guard case .accepted = answer else {
                    Issue.record("\(answer)")
                    return
                }
            }
            for round in 1...6 {
                try await until("the schedule has gone on") { try await said(every, client).count >= round * 3 }
                try await ContinuousClock().sleep(for: .milliseconds(round * 137 % 700))
                await node.kill()
                try await ContinuousClock().sleep(for: .milliseconds(round * 500))
                node = try await hub.node()
            }
            try await until("nothing is left to make up for", within: .seconds(60)) {
                let next = try await said(every, client).nextStart
                return next.map { $0 > Date() } ?? false
            }
            for id in [every, one] {
                let pause = try PayloadCoding.encode(Schedule.Pause(), as: "it")
                let command = Command(instance: id, action: .raiseEvent(name: "Pause", pause), isInteractive: true)
                guard case .accepted = try await client.send(command, ordered: true) else {
                    Issue.record("it cannot be paused")
                    return
                }
            }
            try await until("both are paused, and what they started has ended", within: .seconds(60)) {
                let (a, b) = (try await said(every, client), try await said(one, client))
                let runs = hub.observer.instances("every@").count
                return a.isPaused && b.isPaused && b.running.isEmpty && runs == a.count
            }
            let (a, b) = (try await said(every, client), try await said(one, client))
            // The observer finds that each has one incarnation.
            let times = try hub.observer.instances("every@").keys.sorted().map { id in
                try Date(String(id.dropFirst("every@".count)), strategy: .iso8601)
            }
            #expect(
                zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) == 1 },
                "\(times.count) without a gap"
            )
            #expect(a.count == times.count && a.count >= 18 && a.skipped == 0)
            #expect(hub.observer.instances("one@").count == b.count && b.count > 0)
            await node.stop()
        }
    }

    private func said(_ id: InstanceID, _ client: BrokerHubClient) async throws -> ScheduleStatus {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                let status = try #require(try await client.status(of: id)?.status)
                return try PayloadCoding.decode(ScheduleStatus.self, from: status.customStatus, as: "it")
            } catch {
                // Nobody answers while there is no node.
                if ContinuousClock.now > end { throw error }
            }
        }
    }
}
