import RepriseKernel

/// A durable orchestration, written as an ordinary async function.
///
/// Every step that ``run(_:input:)`` takes through its context is recorded. When the process dies, another replays the
/// record and goes on where it stopped; so the code must decide the same way whenever it is replayed. What that means
/// is in the article *Rules for Orchestrator Code*.
///
/// A thrown error ends the orchestration as Failed, with the error as its ``Failure``.
public protocol Orchestrator: Sendable {
    associatedtype Input: Decodable & Sendable
    associatedtype Output: Encodable & Sendable

    /// The name that start messages use: at most 128 bytes of UTF-8. The type's own name unless given.
    static var name: String { get }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Output
}

extension Orchestrator {
    public static var name: String { String(describing: Self.self) }
}

/// An orchestrator as the engine runs it: names and payloads, no types.
package struct RegisteredOrchestrator: Sendable {
    package let name: String
    let run: @Sendable (OrchestrationContext, Payload, Limits) async throws -> Payload

    package init<O: Orchestrator>(_ orchestrator: O) {
        name = O.name
        run = { context, input, limits in
            let input = try PayloadCoding.decode(O.Input.self, from: input, as: "the input")
            let output = try await orchestrator.run(context, input: input)
            return try PayloadCoding.encode(output, limit: limits.bodyBytes, as: "the output")
        }
    }
}
