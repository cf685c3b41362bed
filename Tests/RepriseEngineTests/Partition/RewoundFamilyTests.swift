import Foundation
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// Parents that were rewound, whose children learn their new address.
@Suite struct RewoundFamilyTests {
    /// Only what failed is done again: the child takes up where it was, and its parent with it.
    @Test(arguments: [false, true]) func aRewoundParentRewindsItsFailedChild(restarting: Bool) throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("g", "Grandparent", Upbringing(children: 2, fails: true)))
        try rig.settle()
        #expect(try rig.status("g")?.runtimeStatus == .failed)
        let before = rig.started
        #expect(try rig.send(.rewind("g")).map(\.word) == ["accepted"])
        try rig.passOn()
        // The old failures come again, too.
        if restarting { try rig.restart() }
        try rig.passOn()
        for task in rig.takeTasks() {
            let result = TaskResult(instance: task.instance, token: task.token, outcome: .completed(.string("7")))
            try rig.handle([.result(result)])
        }
        try rig.settle(restarting: restarting)
        #expect(try rig.status("g")?.runtimeStatus == .completed)
        #expect(rig.started == before, "nothing was started again")
        #expect(rig.statuses.filter { $0.kind == .rewound }.map(\.name).contains("Child"))
    }

    private func answer(_ rig: PartitionFixture, _ task: TaskMessage, _ value: Int64?) throws {
        let outcome: TaskResult.Outcome =
            if let value { .completed(.number(value)) } else { .failed(Failure(type: "Down", message: "no")) }
        try rig.handle([.result(TaskResult(instance: task.instance, token: task.token, outcome: outcome))])
    }

    /// A parent that is rewound asks for its child under a new address; the child had not begun, or was between two
    /// generations, and would have told the old one.
    @Test(arguments: [false, true], [false, true]) func aChildThatWaitsForItsCodeKnowsTheNewAddress(
        restarting: Bool,
        terminating: Bool
    ) throws {
        let settings = { (version: String) in
            var settings = PartitionSettings()
            settings.versions = VersionPolicy(version: version, match: .currentOrOlder)
            return settings
        }
        let rig = try PartitionFixture(settings("1"), adding: Family.all + [RegisteredOrchestrator(Guardian())])
        try rig.send(.start("g", "Guardian", Guardian.Charge(name: "Patient", version: "2")))
        try rig.passOn()
        #expect(try rig.status("c")?.runtimeStatus == .pending)
        try answer(rig, try #require(rig.takeTasks().last), nil)
        try rig.send(.rewind("g"))
        try rig.passOn()
        try answer(rig, try #require(rig.takeTasks().last), 1)
        if restarting { try rig.restart() }
        if terminating {
            try rig.send(.terminate("c"))
            try rig.passOn()
            #expect(try rig.status("g")?.failure?.cause?.type == Failure.Kind.terminated)
            return
        }
        rig.settings = settings("2")
        try rig.restart()
        try rig.send(.event("c", "go", #""on""#))
        try rig.passOn()
        #expect(try rig.status("g")?.runtimeStatus == .completed)
    }

    @Test(arguments: [false, true]) func aChildBetweenTwoGenerationsKnowsTheNewAddress(restarting: Bool) throws {
        let rig = try PartitionFixture(adding: Family.all + [RegisteredOrchestrator(Guardian())])
        try rig.send(.start("g", "Guardian", Guardian.Charge(name: "Rounds")))
        try rig.passOn()
        // In one batch: the next generation has been decided and does not begin.
        try rig.send(.event("c", "Item", "1"), .suspend("c"))
        try answer(rig, try #require(rig.takeTasks().last), nil)
        try rig.send(.rewind("g"))
        try rig.passOn()
        try answer(rig, try #require(rig.takeTasks().last), 1)
        if restarting { try rig.restart() }
        try rig.send(.resume("c"))
        if restarting { try rig.restart() }
        try rig.send(.event("c", "Item", "2"))
        try rig.passOn()
        #expect(try rig.status("c")?.runtimeStatus == .completed)
        #expect(try rig.status("g")?.runtimeStatus == .completed)
    }
}

/// Calls one child, and an activity beside it.
private struct Guardian: Orchestrator {
    struct Charge: Codable, Sendable {
        var name: String
        var version: String?
    }

    func run(_ context: OrchestrationContext, input: Charge) async throws -> JSON {
        async let child = child(context, input)
        let _: Int = try await context.call("Step", 1)
        return try await child
    }

    private func child(_ context: OrchestrationContext, _ input: Charge) async throws -> JSON {
        let rounds: JSON = ["left": 1, "read": [], "reads": true, "keeps": true, "tag": "c", "count": 1]
        return try await context.callOrchestrator(input.name, rounds, id: InstanceID("c"), version: input.version)
    }
}

extension PartitionFixture {
    /// Instances that were started, however often that was sent.
    fileprivate var started: Int { Set(statuses.filter { $0.kind == .started }.map(\.instance)).count }
}
