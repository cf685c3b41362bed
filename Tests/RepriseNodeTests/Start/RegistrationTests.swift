import Logging
import Reprise
import RepriseKernel
import RepriseNode
import Testing

/// A node began with two activities of one name, and ran the last of them.
@Suite("What a node is given to run")
struct RegistrationTests {
    struct Charge: Activity {
        func run(_ context: ActivityContext, input: Int) async throws -> Int { input }
    }

    struct Refund: Activity {
        static let name = "Charge"
        func run(_ context: ActivityContext, input: Int) async throws -> Int { -input }
    }

    @Test("Two of one name end its start with a sentence, before it looks for a broker", .timeLimit(.minutes(1)))
    func clash() async throws {
        let node = Node(
            orchestrators: [],
            activities: [Charge(), Refund()],
            // No one listens there.
            configuration: NodeConfiguration(amqpURL: "amqp://127.0.0.1:9/", roles: [.activities]),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let error = await #expect(throws: InvalidName.self) { try await node.run() }
        #expect(
            error?.reason == """
                two activities have the name 'Charge': RepriseNodeTests.RegistrationTests.Charge and \
                RepriseNodeTests.RegistrationTests.Refund; give one of them a name of its own (static let name = "…")
                """
        )
    }
}
