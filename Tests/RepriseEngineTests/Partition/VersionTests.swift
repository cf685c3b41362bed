import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// Instances that keep the version of their code.
@Suite struct VersionTests {
    @Test func aVersionIsFixedAtTheStart() throws {
        var settings = PartitionSettings()
        settings.versions = VersionPolicy(version: "1.9", match: .any)
        let rig = try PartitionFixture(family: settings)
        try rig.send(
            .start("node", "Versioned", Order(tag: "a")),
            .start("own", "Versioned", Order(tag: "b")) { $0.version = "1.10" }
        )
        try rig.settle(restarting: true)
        #expect(try rig.output("node") == #""1.9 false""#)
        #expect(try rig.output("own") == #""1.10 true""#)
    }

    @Test func anInstanceOfALaterVersionWaitsForItsCode() throws {
        var settings = PartitionSettings()
        settings.versions = VersionPolicy(version: "1", match: .currentOrOlder)
        let rig = try PartitionFixture(family: settings)
        try rig.send(.start("v", "Versioned", Order(tag: "v")) { $0.version = "2" })
        try rig.settle(restarting: true)
        #expect(try rig.status("v")?.runtimeStatus == .pending)
        rig.settings.versions = VersionPolicy(version: "2", match: .currentOrOlder)
        try rig.restart()
        try rig.settle(restarting: true)
        #expect(try rig.output("v") == #""2 true""#)
    }

    /// In a rolling upgrade the old node, which has no version, took over an instance of version 2 and failed it as
    /// non-deterministic.
    @Test(arguments: [nil, "1"]) func aNodeThatIsNotToldOtherwiseLeavesLaterVersionsAlone(_ old: String?) throws {
        var settings = PartitionSettings()
        settings.versions = VersionPolicy(version: old)
        let rig = try PartitionFixture(family: settings)
        try rig.send(
            .start("v", "Versioned", Order(tag: "v")) { $0.version = "2" },
            .start("u", "Versioned", Order(tag: "u"))
        )
        try rig.settle(restarting: true)
        #expect(try rig.status("v")?.runtimeStatus == .pending)
        #expect(try rig.status("u")?.runtimeStatus == .completed)
        rig.settings.versions = VersionPolicy(version: "2")
        try rig.restart()
        try rig.settle(restarting: true)
        #expect(try rig.output("v") == #""2 true""#)
    }

    @Test func orFailsWhereTheNodeSaysSo() throws {
        var settings = PartitionSettings()
        settings.versions = VersionPolicy(version: "1", match: .strict, mismatch: .fail)
        let rig = try PartitionFixture(family: settings)
        try rig.send(.start("v", "Versioned", Order(tag: "v")) { $0.version = "2" })
        #expect(try rig.status("v")?.failure?.type == Failure.Kind.versionMismatch)
    }

    /// A generation of another version is as much as an instance of it.
    @Test(arguments: [false, true]) func aGenerationOfALaterVersionWaitsForItsCode(restarting: Bool) throws {
        var settings = PartitionSettings()
        settings.versions = VersionPolicy(version: "1", match: .currentOrOlder)
        let rig = try PartitionFixture(settings, adding: [RegisteredOrchestrator(Upgrader())])
        try rig.send(.start("v", "Upgrader", tag: "v"))
        try rig.advance(by: .milliseconds(1))
        if restarting { try rig.restart() }
        try rig.send(.event("v", "early"))
        #expect(try rig.status("v")?.runtimeStatus == .running)
        rig.settings.versions = VersionPolicy(version: "2", match: .currentOrOlder)
        try rig.restart()
        #expect(try rig.output("v") == #""2""#)
        #expect(rig.journal.state.timers.isEmpty && rig.journal.breaches.isEmpty)
    }

    @Test func orItFailsWhereTheNodeSaysSoAndIsRewoundOnlyByAnother() throws {
        var settings = PartitionSettings()
        settings.versions = VersionPolicy(version: "1", match: .strict, mismatch: .fail)
        let rig = try PartitionFixture(settings, adding: [RegisteredOrchestrator(Upgrader())])
        try rig.send(.start("v", "Upgrader", tag: "v"))
        #expect(try rig.status("v")?.failure?.type == Failure.Kind.versionMismatch)
        #expect(try rig.send(.rewind("v")).map(\.word) == ["NotRewindable"])
        rig.settings.versions = VersionPolicy(version: "2", match: .strict, mismatch: .fail)
        try rig.restart()
        #expect(try rig.send(.rewind("v")).map(\.word) == ["accepted"])
        #expect(try rig.output("v") == #""2""#)
    }
}

/// Goes on as version 2 of itself.
private struct Upgrader: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        if context.version == "1" { try context.continueAsNew(input, version: "2") }
        return context.version ?? "none"
    }
}
