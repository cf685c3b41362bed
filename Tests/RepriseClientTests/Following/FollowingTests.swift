import Reprise
import RepriseClient
import Testing

@Suite("A follower of an instance sees it move forward, never back")
struct FollowingTests {
    private let id = InstanceID(trusted: "trip-1")

    private func seen(_ gateway: ScriptedGateway, clock: LeapingClock = LeapingClock()) async throws -> [String] {
        var seen: [String] = []
        for try await status in try gateway.client(clock: clock).statuses(of: id) {
            seen.append("\(status.runtimeStatus.rawValue) \(try status.customStatus(as: Int.self) ?? -1)")
        }
        return seen
    }

    @Test("Held requests name what was seen; what is older or known is passed over")
    func order() async throws {
        let gateway = ScriptedGateway([
            .instance(.running, "1", tag: "7.2"), .status(304, "", ["preference-applied": "wait=30"]),
            .instance(.running, "2", tag: "7.5"), .instance(.running, "1", tag: "7.3"),
            .instance(.completed, "9", tag: "6.9"), .lost, .status(503), .instance(.running, "3", tag: "7.6"),
            .instance(.completed, "3", tag: "7.7"),
        ])
        let clock = LeapingClock()
        #expect(try await seen(gateway, clock: clock) == ["Running 1", "Running 2", "Running 3", "Completed 3"])
        #expect(
            gateway.asked.map { $0.headers["If-None-Match"] } == [
                nil, "\"7.2\"", "\"7.2\"", "\"7.5\"", "\"7.5\"", "\"7.5\"", "\"7.5\"", "\"7.5\"", "\"7.6\"",
            ]
        )
        #expect(gateway.asked.map { $0.headers["Prefer"] } == [nil] + Array(repeating: "wait=30", count: 8))
        // No one waits where the gateway has waited; what is old news, and what failed, is paused after.
        #expect(
            clock.pauses == [.milliseconds(500), .milliseconds(500), .milliseconds(100), .milliseconds(200)]
        )
    }

    /// It was asked again without a pause, as fast as it could answer: it says that it has waited.
    @Test("A gateway that is behind another one is not asked without end")
    func behind() async throws {
        let gateway = ScriptedGateway(
            [.instance(.running, "1", tag: "17.5")]
                + Array(repeating: .instance(.running, "0", tag: "17.4"), count: 20)
                + [.instance(.completed, "2", tag: "17.6")]
        )
        let clock = LeapingClock()
        #expect(try await seen(gateway, clock: clock) == ["Running 1", "Completed 2"])
        #expect(clock.pauses == Array(repeating: .milliseconds(500), count: 20))
    }

    @Test("A hold of any length is one", arguments: [Duration.seconds(Int64.max), .seconds(-1), .zero])
    func anyHold(hold: Duration) async throws {
        let gateway = ScriptedGateway([.instance(.running, "1", tag: "1.1"), .instance(.completed, "1", tag: "1.2")])
        for try await _ in try gateway.client(longestHold: hold).statuses(of: id) {}
        #expect(gateway.asked.last?.headers["Prefer"] == (hold > .zero ? "wait=3600" : "wait=1"))
    }

    @Test("A new incarnation is news, though its version is lower")
    func incarnations() async throws {
        let gateway = ScriptedGateway([
            .instance(.running, "1", tag: "7.9"), .instance(.running, "2", tag: "8.1"),
            .instance(.terminated, "2", tag: "8.2"),
        ])
        #expect(try await seen(gateway) == ["Running 1", "Running 2", "Terminated 2"])
    }

    @Test("A gateway without tags that holds nothing is polled with pauses")
    func polling() async throws {
        let gateway = ScriptedGateway([
            .instance(.running, "1"), .instance(.running, "1"), .instance(.running, "2"), .instance(.failed, "2"),
        ])
        let clock = LeapingClock()
        #expect(try await seen(gateway, clock: clock) == ["Running 1", "Running 2", "Failed 2"])
        #expect(clock.pauses == [.milliseconds(500)])
    }

    @Test("Purged meanwhile, the sequence ends; never there, it throws")
    func absence() async throws {
        #expect(try await seen(ScriptedGateway([.instance(.running, tag: "1.1"), .status(404)])) == ["Running -1"])
        let error = await #expect(throws: RepriseError.self) { try await seen(ScriptedGateway([.status(404)])) }
        #expect(error?.code == .unknownInstance)
    }

    @Test("One that has ended is told once, and asked for no more")
    func ended() async throws {
        let gateway = ScriptedGateway([.instance(.completed, tag: "1.4")])
        #expect(try await seen(gateway) == ["Completed -1"])
        #expect(gateway.asked.count == 1)
    }

    // MARK: Results

    @Test("The result is the output's value, or the end in words")
    func results() async throws {
        let completed = ScriptedGateway([
            .instance(.running, tag: "1.1"), .instance(.completed, output: #"["a","b"]"#, tag: "1.2"),
        ])
        #expect(try await completed.client().result(of: id, as: [String].self) == ["a", "b"])
        let failed = ScriptedGateway([.instance(.failed, output: #""Full: no seat""#)])
        await #expect(
            throws: OrchestrationFailed(id: id, orchestrator: "Trip", reason: "Full: no seat")
        ) { try await failed.client().result(of: id, as: Int.self) }
        let terminated = ScriptedGateway([.instance(.terminated, output: #"{"by":1}"#)])
        let error = await #expect(throws: OrchestrationTerminated.self) {
            try await terminated.client().result(of: id, as: Int.self)
        }
        #expect(error?.description == #"'trip-1' (Trip) was terminated: {"by":1}"#)
        let unreadable = await #expect(throws: RepriseError.self) {
            try await ScriptedGateway([.instance(.completed, output: "1")]).client().result(of: id, as: String.self)
        }
        #expect(unreadable?.code == .unreadablePayload)
    }

    @Test("A result that does not come in time")
    func timeout() async throws {
        let gateway = ScriptedGateway(Array(repeating: .instance(.running), count: 1_000))
        await #expect(throws: ResultTimedOut(id: id, timeout: .seconds(3))) {
            try await gateway.client().result(of: id, as: Int.self, timeout: .seconds(3))
        }
    }
}
