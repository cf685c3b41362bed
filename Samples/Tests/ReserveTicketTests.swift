import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("ReserveTicket")
struct ReserveTicketTests {
    @Test("A booking that is confirmed within the minute is made, whatever goes wrong", arguments: [[], Faults.all])
    func confirmed(faults: Faults) async throws {
        let hub = try TestHub(
            orchestrators: [ReserveTicket()],
            activities: [CalculateDiscount()],
            configuration: TestHubConfiguration(faults: faults)
        )
        let id = try await hub.start(ReserveTicket.self, 42)
        try await hub.advance(by: .seconds(59))
        try await hub.raiseEvent("BookingConfirmed", true, to: id)
        #expect(try await hub.result(of: id, as: Bool.self))
    }

    @Test("One that is not confirmed in time is not made")
    func late() async throws {
        let hub = try TestHub(orchestrators: [ReserveTicket()])
        await hub.stub(CalculateDiscount.self) { _ in 25 }
        let id = try await hub.start(ReserveTicket.self, "Alice")
        #expect(try await hub.status(of: id).customStatus(as: ReserveTicket.Offer.self)?.discount == 25)

        #expect(try await hub.result(of: id, as: Bool.self) == false)
        let note = try await hub.status(of: id).customStatus(as: ReserveTicket.Note.self)
        #expect(note?.message == "The booking was not confirmed on time. Please try again.")
        #expect(await hub.calls(of: CalculateDiscount.self).map(\.description) == [#"CalculateDiscount("Alice")"#])
    }

    @Test("Instances that run with yesterday's code go on with today's")
    func replay() async throws {
        let hub = try TestHub(orchestrators: [ReserveTicket()], activities: [CalculateDiscount()])
        let id = try await hub.start(ReserveTicket.self, 42)
        _ = try await hub.end(of: id)
        let recorded = try await hub.exportHistory(of: id)
        #expect(try ReplayTester(orchestrators: [ReserveTicket()]).check(recorded) == nil)
    }
}
