import Foundation
import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("The patterns of the article")
struct PatternTests {
    private static let orchestrators: [any Orchestrator] = [
        ApprovePurchase(), WatchDelivery(), FulfilOrder(), ShipOrder(), ShipParcel(), ReportDaily(), Welcome(),
        MoveStock(), ImportCatalog(),
    ]

    private func hub(_ faults: Faults = [], version: String? = nil) throws -> TestHub {
        var configuration = TestHubConfiguration(faults: faults)
        configuration.versions.version = version
        return try TestHub(
            orchestrators: Self.orchestrators,
            activities: [Notify(), Charge(), Refund(), ImportRows(), CarrierActivities(carrier: PromptCarrier())],
            entities: [Stock()],
            configuration: configuration
        )
    }

    @Test("Human approval: in time, declined, or not at all", arguments: [[], Faults.all])
    func approval(faults: Faults) async throws {
        let hub = try hub(faults)
        let purchase = try await hub.start(ApprovePurchase.self, "a desk", id: "purchase-1")
        try await hub.advance(by: .days(3) - .seconds(1))
        #expect(try await purchase.status().customStatus?.stage == "waiting for approval")
        try await purchase.raise(Approval(by: "Ada", isGranted: true))
        #expect(try await purchase.result() == "approved by Ada")
        let forgotten = try await hub.start(ApprovePurchase.self, "a chair")
        #expect(try await forgotten.result() == "nobody answered")
    }

    @Test("Monitor: asks until it has happened, and gives up in the end")
    func monitor() async throws {
        let hub = try hub()
        let begin = await hub.now
        await hub.stub(IsDelivered.self) { _, _ in await hub.calls.count > 12 }
        let delivery = try await hub.start(WatchDelivery.self, "parcel-1")
        #expect(try await delivery.result())
        #expect(await hub.now.timeIntervalSince(begin) == 12 * 3_600)
        await hub.stub(IsDelivered.self) { _ in false }
        #expect(try await hub.start(WatchDelivery.self, "parcel-2").result() == false)
    }

    @Test("Long work: goes on where the worker before was lost", arguments: [[], Faults.all])
    func longWork(faults: Faults) async throws {
        let hub = try hub(faults)
        await hub.loseWorkers(of: ImportRows.self, times: 2)
        #expect(try await hub.start(ImportCatalog.self, 250).result() == 250)
        #expect(await hub.calls(of: ImportRows.self).count >= 3)
    }

    @Test("Saga: what was done is undone, whatever goes wrong", arguments: [[], Faults.all])
    func saga(faults: Faults) async throws {
        let hub = try hub(faults)
        try await hub.signal(Stock.self, "cup", .put(3))
        let paid = try await hub.start(FulfilOrder.self, PatternOrder(item: "cup", count: 2, card: "1"))
        #expect(try await paid.result() == "booking of cup, 1 left")
        let unpaid = try await hub.start(FulfilOrder.self, PatternOrder(item: "cup", count: 1, card: ""))
        let failed = await #expect(throws: OrchestrationFailed.self) { try await unpaid.result() }
        #expect(failed?.failure?.cause?.type == "CardDeclined")
        #expect(try await hub.state(of: Stock.self, "cup") == 1)
        // Tried again, as the activity's type says.
        await hub.fail(Charge.self)
        await hub.fail(BookCarrier.self, times: .max)
        let unbooked = try await hub.start(FulfilOrder.self, PatternOrder(item: "cup", count: 1, card: "1"))
        try await unbooked.end()
        #expect(await !hub.calls(of: Refund.self).isEmpty)
        #expect(try await hub.state(of: Stock.self, "cup") == 1)
    }

    @Test("Saga: what was done is undone when it is canceled", arguments: [[], Faults.all])
    func canceledSaga(faults: Faults) async throws {
        let hub = try hub(faults)
        let cups = try EntityID("Stock", "cup")
        try await hub.signal(cups, "put", 3)
        await hub.stub(BookCarrier.self, taking: .seconds(3_600)) { _ in "too late" }
        let order = try await hub.start(FulfilOrder.self, PatternOrder(item: "cup", count: 2, card: "1"))
        try await hub.advance(by: .seconds(60))
        #expect(try await hub.state(of: cups, as: Int.self) == 1)
        try await order.cancel(reason: "no longer wanted")
        let canceled = await #expect(throws: OrchestrationCanceled.self) { try await order.result() }
        #expect(canceled?.reason == "no longer wanted")
        #expect(await !hub.calls(of: Refund.self).isEmpty)
        #expect(try await hub.state(of: cups, as: Int.self) == 3)
    }

    @Test("Children: each has an id of its own, and the parent counts them", arguments: [[], Faults.all])
    func children(faults: Faults) async throws {
        let hub = try hub(faults)
        let order = try await hub.start(ShipOrder.self, ["a", "b"], id: "order-1")
        #expect(try await order.result() == ["booking of a", "booking of b"])
        #expect(try await order.status().customStatus?.sent == 2)
        #expect(try await hub.status(of: "order-1-parcel-2").parent == order.id)
    }

    @Test("Children: when one fails, those on their way are canceled", arguments: [[], Faults.all])
    func siblings(faults: Faults) async throws {
        let hub = try hub(faults)
        await hub.stub(BookCarrier.self, taking: .seconds(60)) { parcel in
            guard parcel != "bad" else { throw Failure(type: "TooLarge", message: parcel) }
            return parcel
        }
        let order = try await hub.start(ShipOrder.self, ["bad"], id: "order-2")
        await #expect(throws: OrchestrationFailed.self) { try await order.result() }
        await hub.stub(BookCarrier.self, taking: .days(1)) { $0 }
        let slow = try await hub.start(ShipOrder.self, ["a", "b"], id: "order-3")
        try await slow.cancel()
        #expect(try await slow.end().runtimeStatus == .canceled)
        for number in 1...2 {
            #expect(try await hub.end(of: "order-3-parcel-\(number)").runtimeStatus == .canceled)
        }
    }

    @Test("Aggregator: what is taken from one is put to the other, or nothing happens", arguments: [[], Faults.all])
    func aggregator(faults: Faults) async throws {
        let hub = try hub(faults)
        try await hub.signal(Stock.self, "left", .put(3))
        #expect(try await hub.start(MoveStock.self, 2).result() == 2)
        await #expect(throws: OrchestrationFailed.self) { try await hub.start(MoveStock.self, 2).result() }
        #expect(try await hub.state(of: Stock.self, "left") == 1)
        #expect(try await hub.state(of: Stock.self, "right") == 2)
    }

    @Test("Eternal loop: a year of days leaves a history of one")
    func eternal() async throws {
        let hub = try hub()
        let report = try await hub.start(ReportDaily.self, 1)
        try await hub.advance(by: .days(365))
        #expect(try await report.status().input == 366)
        #expect(try await hub.history(of: report).count < 10)
    }

    @Test("Scheduled start: every night at two, each run under the time it was due")
    func scheduled() async throws {
        let hub = try hub()
        let nightly = Schedule(cron: "0 2 * * *", overlap: .skip, name: Welcome.name, input: "night owl")
        try await hub.start(Schedule.orchestrator, nightly, id: "nightly")
        try await hub.advance(by: .days(2))
        let status = try await hub.status(of: "nightly").customStatus(as: ScheduleStatus.self)
        let last = try #require(status?.lastInstance)
        #expect(status?.count == 2)
        #expect(try await hub.status(of: last).runtimeStatus == .completed)
    }

    @Test("Versions: what was started by the old release goes on as it began")
    func versions() async throws {
        let old = try hub(version: "1")
        try await old.start(Welcome.self, "Ada").result()
        #expect(await old.calls.count == 1)
        let new = try hub(version: "2")
        try await new.start(Welcome.self, "Bob").result()
        #expect(await new.calls.count == 2)
    }
}
