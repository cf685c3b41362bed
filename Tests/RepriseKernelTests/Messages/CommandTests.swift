import RepriseKernel
import Testing

@Suite("A repeated command is known by its contents")
struct CommandTests {
    @Test("The same action has the same fingerprint, any other has another")
    func fingerprints() {
        let one = Payload.string("1")
        let actions: [Command.Action] = [
            .start(orchestrator: "A", input: one), .start(orchestrator: "A", input: .null),
            .start(orchestrator: "B", input: one),
            .start(orchestrator: "A\"", input: .null), .terminate(reason: one), .terminate(reason: .null), .purge,
            .cancel(reason: one), .cancel(reason: .null), .cancel(reason: .null, grace: .zero),
            .cancel(reason: .null, children: true),
        ]
        for (index, action) in actions.enumerated() {
            for (other, another) in actions.enumerated() {
                #expect((action.fingerprint == another.fingerprint) == (index == other), "\(index) and \(other)")
            }
        }
    }

    @Test("The words of the wire")
    func kinds() {
        let actions: [Command.Action] = [
            .start(orchestrator: "A", input: .null), .raiseEvent(name: "A", .null), .terminate(reason: .null),
            .suspend(reason: .null), .resume(reason: .null), .purge, .cancel(reason: .null),
        ]
        #expect(
            actions.map(\.verb.rawValue) == ["start", "event", "terminate", "suspend", "resume", "purge", "cancel"]
        )
    }
}
