import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("Replaying recorded histories")
struct ReplayTesterTests {
    private func recorded(_ names: [String] = ["Tokyo", "Seattle"], id: String = "trip-1") async throws -> Data {
        let hub = try TestHub(orchestrators: [Greetings()], activities: [Greet()])
        let id = try await hub.start(Greetings.self, names, id: try InstanceID(id))
        try await hub.end(of: id)
        return try await hub.exportHistory(of: id)
    }

    @Test("Code that decides the same agrees, whatever it says of itself")
    func agreement() async throws {
        let history = try await recorded()
        #expect(try ReplayTester(orchestrators: [Greetings()], comparingInputs: true).check(history) == nil)
        #expect(try ReplayTester(orchestrators: [QuietGreetings()]).check(history) == nil)
    }

    @Test("The first decision that differs is named, with its place")
    func difference() async throws {
        let tester = try ReplayTester(orchestrators: [OtherGreetings()])
        let difference = try #require(try tester.check(try await recorded()))
        #expect(difference.eventNumber == 5)
        #expect(difference.after == "result of task #1")
        #expect(difference.recorded == "call activity 'Greet' (#2)")
        #expect(difference.decided == "create a timer (#2)")
        #expect(difference.failure?.type == "NonDeterministicOrchestrator")
        #expect(
            difference.description == """
                event 5 of 'trip-1' (Greetings): after the result of task #1 history recorded: call activity 'Greet' \
                (#2); the code decided: create a timer (#2)
                """
        )
    }

    @Test("Code that decides more, or less, differs behind what it has in common")
    func length() async throws {
        let longer = try #require(
            try ReplayTester(orchestrators: [LongerGreetings()]).check(try await recorded(["Tokyo"]))
        )
        #expect(longer.recorded == "complete" && longer.decided == "call activity 'Greet' (#2)")
        #expect(longer.eventNumber == 5)
        let shorter = try #require(try ReplayTester(orchestrators: [EarlyGreetings()]).check(try await recorded()))
        #expect(shorter.recorded == "call activity 'Greet' (#1)" && shorter.decided == "complete")
        #expect(shorter.eventNumber == 2)
    }

    @Test("Inputs are compared when asked")
    func inputs() async throws {
        let history = try await recorded()
        #expect(try ReplayTester(orchestrators: [LoudGreetings()]).check(history) == nil)
        let difference = try #require(
            try ReplayTester(orchestrators: [LoudGreetings()], comparingInputs: true).check(history)
        )
        #expect(difference.eventNumber == 2 && difference.failure == nil)
        #expect(
            difference.description.hasSuffix(
                #"call activity 'Greet' (#1), with the input "Tokyo"; the code decided it with: "TOKYO""#
            )
        )
    }

    @Test("Code that does not wait for what came is told so")
    func unexpected() async throws {
        let hub = try TestHub(orchestrators: [Waiter()])
        let id = try await hub.start(Waiter.self, 1)
        try await hub.raiseEvent("Go", "x", to: id)
        let history = try await hub.exportHistory(of: id)
        let difference = try #require(try ReplayTester(orchestrators: [OtherWaiter()]).check(history))
        #expect(difference.eventNumber == 2)
        #expect(difference.recorded == "event 'Go'" && difference.decided == nil)
    }

    @Test("An instance that still runs is checked as far as it has come")
    func underWay() async throws {
        let hub = try TestHub(orchestrators: [Waiter()])
        let id = try await hub.start(Waiter.self, 1)
        let history = try await hub.exportHistory(of: id)
        #expect(try ReplayTester(orchestrators: [Waiter()]).check(history) == nil)
        let error = #expect(throws: RepriseError.self) {
            try ReplayTester(orchestrators: [Greetings()]).check(history)
        }
        #expect(error?.code == .unknownOrchestrator)
    }

    @Test("What a rewind has undone is not compared, and places are still those of the file")
    func rewound() async throws {
        let hub = try TestHub(orchestrators: [Greetings()], activities: [Greet()])
        await hub.fail(Greet.self)
        let id = try await hub.start(Greetings.self, ["Tokyo", "Seattle"], id: try InstanceID("r"))
        try await hub.end(of: id)
        try await hub.rewind(id)
        try await hub.end(of: id)
        let history = try await hub.exportHistory(of: id)
        #expect(try ReplayTester(orchestrators: [Greetings()]).check(history) == nil)
        let difference = try #require(try ReplayTester(orchestrators: [OtherGreetings()]).check(history))
        let place = try await hub.historyEntries(of: id).first { $0.summary == "call activity 'Greet' (#2)" }?.number
        #expect(difference.eventNumber == place)
    }

    @Test("A directory of files is checked in order")
    func directory() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "histories-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "old"),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        try await recorded().write(to: directory.appending(path: "b.json"))
        try await recorded(["Rome"], id: "trip-2").write(to: directory.appending(path: "old/c.json"))
        try Data("no history".utf8).write(to: directory.appending(path: "readme.txt"))
        let results = try ReplayTester(orchestrators: [OtherGreetings()]).check(directory: directory)
        #expect(results.map(\.instance.value) == ["trip-1", "trip-2"])
        #expect(results.map { $0.difference == nil } == [false, true])
        #expect(results[1].description == "c.json: 5 events agree")

        try Data("{}".utf8).write(to: directory.appending(path: "a.json"))
        let error = #expect(throws: RepriseError.self) {
            try ReplayTester(orchestrators: [Greetings()]).check(directory: directory)
        }
        #expect(error?.code == .unreadableHistory && error?.message.hasPrefix("a.json: ") == true)
        #expect(throws: RepriseError.self) {
            try ReplayTester(orchestrators: [Greetings()]).check(directory: directory.appending(path: "none"))
        }
    }
}

private protocol Rewritten: Orchestrator {}
extension Rewritten { static var name: String { "Greetings" } }

/// Says nothing of itself: custom statuses are not compared.
private struct QuietGreetings: Rewritten {
    func run(_ context: OrchestrationContext, input names: [String]) async throws -> [String] {
        var greetings: [String] = []
        for name in names { greetings.append(try await context.call(Greet.self, name)) }
        return greetings
    }
}

private struct OtherGreetings: Rewritten {
    func run(_ context: OrchestrationContext, input names: [String]) async throws -> [String] {
        var greetings: [String] = []
        for name in names {
            if !greetings.isEmpty { try await context.sleep(for: .seconds(1)) }
            greetings.append(try await context.call(Greet.self, name))
        }
        return greetings
    }
}

private struct LongerGreetings: Rewritten {
    func run(_ context: OrchestrationContext, input names: [String]) async throws -> [String] {
        var greetings: [String] = []
        for name in names + ["Rome"] { greetings.append(try await context.call(Greet.self, name)) }
        return greetings
    }
}

private struct EarlyGreetings: Rewritten {
    func run(_ context: OrchestrationContext, input names: [String]) async throws -> [String] { names }
}

private struct LoudGreetings: Rewritten {
    func run(_ context: OrchestrationContext, input names: [String]) async throws -> [String] {
        var greetings: [String] = []
        for name in names { greetings.append(try await context.call(Greet.self, name.uppercased())) }
        return greetings
    }
}

private struct OtherWaiter: Orchestrator {
    static let name = "Waiter"
    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try await context.waitForEvent("Other", as: String.self)
    }
}
