import Reprise

/// Children under ids of their own, all at once: each works, and has children too as far down as it is told.
struct Family: Orchestrator {
    struct Input: Codable, Sendable {
        var children: Int
        var depth: Int
        var value: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        let own = try await context.call(
            Work.self,
            Work.Input(step: "own", value: input.value, milliseconds: 10)
        )
        guard input.depth > 0 else { return own }
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for child in 0..<input.children {
                let id = try InstanceID("\(context.instanceID).\(child)")
                let given = Input(children: input.children, depth: input.depth - 1, value: input.value + child)
                group.addTask { try await context.callOrchestrator(Family.self, given, id: id) }
            }
            return try await group.reduce(own, +)
        }
    }
}
