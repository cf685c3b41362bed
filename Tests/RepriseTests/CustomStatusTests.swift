import Logging
import Reprise
import RepriseKernel
import Testing

/// The limit on custom statuses, at the call and catchable; and the values that are values.
@Suite struct CustomStatusTests {
    @Test func eightThousandOneHundredNinetyTwoCodeUnitsPass() {
        // Quotes count: 8,190 characters make 8,192 code units, which are 16,384 bytes of UTF-16.
        let turn = run(SetsLength(length: 8_190))
        #expect(turn.decisions.map(\.description) == ["set the custom status", "complete"])
    }

    @Test func oneMoreIsACatchableErrorThatNamesSizeAndLimit() {
        let turn = run(SetsLength(length: 8_191))
        guard case .complete(let output) = turn.decisions.last, turn.decisions.count == 1 else {
            Issue.record("the code should have caught the error and completed: \(turn.decisions)")
            return
        }
        #expect(output.text.contains("16386 bytes of UTF-16 JSON") && output.text.contains("the limit is 16384"))
    }

    @Test func everyFalsyValueIsAValueAndOnlyNullClears() {
        let turn = run(Falsy())
        let statuses = turn.decisions.compactMap { decision -> String? in
            if case .setCustomStatus(let payload) = decision { payload.text } else { nil }
        }
        #expect(statuses == ["false", "0", "\"\"", "[]", "null", "null"])
    }

    @Test func whatJSONCannotHoldIsACatchableError() {
        let turn = run(NotANumber())
        #expect(turn.decisions.map(\.description) == ["complete"])
    }

    @Test func valuesThatWereEncodedTwiceAreRead() throws {
        func read<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
            try PayloadCoding.decode(type, from: Payload(trusted: Array(json.utf8)), as: "it")
        }
        #expect(try read(Int.self, "\"42\"") == 42)
        #expect(try read(Bool.self, "\"true\"") == true)
        #expect(try read(Int.self, "1.0") == 1)
        #expect(try read(Double.self, "1") == 1)
        #expect(try read(String.self, "\"42\"") == "42")
        #expect(try read(JSON.self, "\"42\"") == .string("42"))
        #expect(try read([Int].self, "\"[1,2]\"") == [1, 2])
        #expect(throws: Failure.self) { try read(Int.self, "\"x\"") }
    }

    private func run(_ orchestrator: some Orchestrator) -> Turn {
        let session = OrchestrationSession(
            identity: ExecutionIdentity(instance: InstanceID(trusted: "i"), name: "x", incarnation: 1),
            orchestrator: RegisteredOrchestrator(orchestrator),
            limits: Limits(),
            logger: Logger(label: "test")
        )
        return session.apply(.executionStarted(name: "x", input: .null), at: .zero, replaying: false)
    }
}

private struct SetsLength: Orchestrator {
    var length: Int

    func run(_ context: OrchestrationContext, input: JSON?) async throws -> String {
        do {
            try context.setCustomStatus(String(repeating: "x", count: length))
            return "set"
        } catch {
            return "\(error)"
        }
    }
}

private struct Falsy: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        try context.setCustomStatus(false)
        try context.setCustomStatus(0)
        try context.setCustomStatus("")
        try context.setCustomStatus([Int]())
        try context.setCustomStatus(JSON.null)
        try context.clearCustomStatus()
        return 0
    }
}

private struct NotANumber: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        do {
            try context.setCustomStatus(Double.nan)
            return 1
        } catch {
            return 0
        }
    }
}
