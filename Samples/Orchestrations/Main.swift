import RepriseNode

/// A node with every sample. Settings come from the environment: `REPRISE_AMQP_URL`, `REPRISE_HUB`, `REPRISE_DATA`, …
@main struct Main {
    static func main() async throws {
        var node = Node(configuration: try await .fromEnvironment())
        node.register(HelloSequence())
        node.register(SayHello())
        node.register(CityRecommender())
        node.register(ReserveTicket())
        node.register(CalculateDiscount())
        node.register(SetStatusTest())
        try await node.runUntilSignalled()
    }
}
