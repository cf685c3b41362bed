import Synchronization
import Testing

@testable import RepriseBroker

/// A deleted exchange had each of a node's partitions declare all queues of the hub, all at once.
@Suite("The repair of a hub")
struct HubRepairTests {
    private final class Repairs: Sendable {
        let repair = HubRepair()
        let begun = Promise<Bool>()
        let mayEnd = Promise<Bool>()
        private let counts = Mutex((asked: 0, done: 0))

        var asked: Int { counts.withLock { $0.asked } }
        var done: Int { counts.withLock { $0.done } }

        func ask() async -> Bool {
            counts.withLock { $0.asked += 1 }
            return await repair.run {
                counts.withLock { $0.done += 1 }
                begun.set(true)
                _ = await mayEnd.value()
            }
        }
    }

    @Test("Those who find something missing while it is made wait for that; who comes later has it made again")
    func joined() async {
        let repairs = Repairs()
        let makers = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await repairs.ask() }
            _ = await repairs.begun.value()
            for _ in 0..<100 { group.addTask { await repairs.ask() } }
            while repairs.asked < 101 { await Task.yield() }
            repairs.mayEnd.set(true)
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        // Some may have asked, and come only when it had ended.
        #expect(makers == repairs.done && makers < 100)
        #expect(await repairs.repair.run {})
    }

    @Test("One that fails holds no one up")
    func failing() async {
        struct Broken: Error {}
        let repair = HubRepair()
        await #expect(throws: Broken.self) { try await repair.run { throw Broken() } }
        #expect(await repair.run {})
    }
}
