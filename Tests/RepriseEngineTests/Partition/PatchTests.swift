import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import RepriseTesting
import Testing

/// Merge patches of the custom status: applied to what was journaled, and only by code that runs for the first time.
@Suite struct PatchTests {
    @Test(arguments: [false, true]) func patchesAddUpWhateverIsReplayed(restarting: Bool) throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(
            .start("p", "Painter", Order(tag: "p", count: 3)) { $0.customStatus = .json(#"{"from":"start"}"#) }
        )
        try rig.settle(restarting: restarting)
        #expect(
            rig.said == [
                #"{"from":"start"}"#, #"{"from":"start","s0":0}"#, #"{"from":"start","s0":0,"s1":2}"#,
                #"{"from":"start","s0":0,"s1":2,"s2":4}"#,
            ]
        )
        #expect(try rig.status("p")?.customStatus.text == rig.said.last)
    }

    /// A program is replaced while an instance waits, and its status calls are others now: what the instance has said stays
    /// said, and the next patch goes on top of that, not on top of what the new code would have said.
    @Test func newCodePatchesWhatTheOldOneSaid() throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Former())])
        try rig.send(.start("p", "Sayer", Order(tag: "p")))
        try rig.handle([])
        let next = try PartitionFixture(journal: rig.journal, adding: [RegisteredOrchestrator(Later())])
        try next.settle()
        try next.send(.event("p", "go"))
        #expect(try next.status("p")?.runtimeStatus == .completed)
        #expect(next.said == [#"{"old":1}"#, #"{"old":1,"patched":true}"#])
    }

    /// Whether a patch is too large depends on what is there, so a replay must find the same, or the code that caught the
    /// error would take another way than it did.
    @Test(arguments: [false, true]) func aPatchThatIsTooLargeIsCaughtAgainInReplay(restarting: Bool) throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Grower())])
        try rig.send(.start("g", "Grower", Order(tag: "g")))
        try rig.settle(restarting: restarting)
        #expect(try rig.output("g") == #""PayloadTooLarge""#)
        #expect(rig.said.map(\.count) == [4_008])
    }

    @Test(arguments: [false, true]) func whatWasSaidBeforeARewindIsPatchedAfterIt(restarting: Bool) throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Mender())])
        try rig.send(.start("m", "Mender", Order(tag: "m")))
        let task = try #require(rig.takeTasks().first)
        let failed = TaskResult.Outcome.failed(Failure(type: "Brittle", message: "no"))
        try rig.handle([.result(TaskResult(instance: task.instance, token: task.token, outcome: failed))])
        #expect(try rig.status("m")?.runtimeStatus == .failed)
        if restarting { try rig.restart() }
        try rig.send(.rewind("m"))
        try rig.settle(restarting: restarting)
        #expect(rig.said == [#"{"a":1}"#, #"{"a":1,"failed":true}"#, #"{"a":1,"done":true,"failed":true}"#])
    }

    @Test(arguments: [false, true]) func aGenerationPatchesWhatTheOneBeforeItLeft(restarting: Bool) throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Turner())])
        try rig.send(.start("t", "Turner", Order(tag: "t", count: 2)))
        for _ in 0..<3 {
            if restarting { try rig.restart() }
            try rig.advance(by: .milliseconds(1))
        }
        #expect(
            rig.said == [
                #"{"left2":true}"#, #"{"left1":true,"left2":true}"#, #"{"left0":true,"left1":true,"left2":true}"#,
            ]
        )
    }

    // MARK: The first word

    @Test func whatComesWithAStartIsAVersion() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(
            .start("a", "Immediate", Order(tag: "a"), message: "1") { $0.customStatus = .json(#""hello""#) },
            .start("b", "Immediate", Order(tag: "b"), message: "2") { [now = rig.clock.now] in
                $0.customStatus = .json(#""soon""#)
                $0.startTime = now + .seconds(60)
            }
        )
        #expect(
            rig.statuses.filter { $0.instance.value == "a" }.map(\.kind) == [.started, .customStatusSet, .completed]
        )
        #expect(try rig.status("a")?.customStatus.text == #""hello""#)
        #expect(try rig.status("b")?.runtimeStatus == .pending)
        #expect(try rig.status("b")?.customStatus.text == #""soon""#)
        try rig.restart()
        try rig.advance(by: .seconds(60))
        var seen: Set<Int64> = []
        let told = rig.statuses.filter { $0.instance.value == "b" && seen.insert($0.version).inserted }
        #expect(told.map(\.kind) == [.scheduled, .customStatusSet, .started, .completed])
        #expect(try rig.status("b")?.customStatus.text == #""soon""#)
        let again = Command(instance: try InstanceID("a"), action: .restart(as: nil), messageID: "3")
        try rig.send(again)
        #expect(try rig.status("a")?.customStatus.text == #""hello""#)
    }

    @Test(arguments: [false, true]) func whoIsStartedByAnotherHasAFirstWordToo(restarting: Bool) throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Starter())])
        try rig.send(.start("s", "Starter", Order(tag: "s")))
        try rig.settle(restarting: restarting)
        #expect(rig.said == [#"{"by":"s"}"#])
        #expect(try rig.status("started")?.customStatus.text == #"{"by":"s"}"#)
        #expect(try rig.output("s") == #""PayloadTooLarge""#)
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let rig = try PartitionFixture(family: ())
        let start = try Command.start("a", "Immediate", Order(tag: "a"), message: "1") {
            $0.customStatus = .string(String(repeating: "x", count: 8_191))
        }
        #expect(try rig.send(start).map(\.word) == ["TooLarge"])
    }

    @Test func whatIsAwaitedIsKnownWhereTheCodeIsInMemory() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Race", tag: "r"))
        #expect(try rig.waitingFor("r") == ["go"])
        #expect(try rig.health()?.awaitingEvents == 1)
        #expect(try rig.waitingFor("r", history: false) == ["go"])
        try rig.restart()
        #expect(try rig.waitingFor("r") == nil, "a query makes no code run")
        #expect(try rig.health()?.awaitingEvents == 0)
    }
}

extension PartitionFixture {
    /// Every custom status, in order.
    fileprivate var said: [String] {
        var seen: Set<Int64> = []
        return statuses.filter { $0.kind == .customStatusSet && seen.insert($0.version).inserted }.map(\.payload.text)
    }

    fileprivate func waitingFor(_ id: String, history: Bool = true) throws -> [String]? {
        guard case .status(let status?, _)? = try ask(.status(InstanceID(id), history: history)) else { return nil }
        return status.waitingFor
    }
}

private struct Former: Orchestrator {
    static let name = "Sayer"
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try context.setCustomStatus(["old": 1])
        let _: JSON = try await context.waitForEvent("go")
        return 0
    }
}

private struct Later: Orchestrator {
    static let name = "Sayer"
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try context.setCustomStatus(["new": 1])
        try context.patchCustomStatus(["newer": 2])
        let _: JSON = try await context.waitForEvent("go")
        try context.patchCustomStatus(["patched": true])
        return 0
    }
}

private struct Grower: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        try context.setCustomStatus(["a": String(repeating: "x", count: 4_000)])
        let _: Int = try await context.call("Double", Call(call: "\(input.tag)/0", value: 1))
        do {
            try context.patchCustomStatus(["b": String(repeating: "x", count: 5_000)])
            return "fits"
        } catch let failure as Failure {
            let _: Int = try await context.call("Double", Call(call: "\(input.tag)/1", value: 1))
            return failure.type
        }
    }
}

private struct Mender: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try context.setCustomStatus(["a": 1])
        do {
            let _: Int = try await context.call("Brittle", Call(call: "\(input.tag)/0", value: 1))
        } catch {
            try context.patchCustomStatus(["failed": true])
            throw error
        }
        try context.patchCustomStatus(["done": true])
        return 0
    }
}

private struct Turner: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try context.patchCustomStatus(["left\(input.count)": true])
        guard input.count > 0 else { return 0 }
        try context.continueAsNew(Order(tag: input.tag, count: input.count - 1))
    }
}

private struct Starter: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        let id = try InstanceID("started")
        try context.startOrchestrator("Immediate", input, id: id, customStatus: ["by": input.tag])
        do {
            try context.startOrchestrator("Immediate", input, customStatus: String(repeating: "x", count: 9_000))
            return "fits"
        } catch let failure as Failure {
            return failure.type
        }
    }
}
