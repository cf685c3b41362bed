import RabbitMQ
import Synchronization
import Testing

@testable import RepriseBroker

@Suite("Who hears of settlements")
struct SettlementListenerTests {
    /// A node slowed down, grew and at last crashed, only by working: the function that hears of settlements was kept in
    /// a box generic over it, which wrapped it in two more functions at each read. After some 260,000 settlements a call
    /// overflowed its thread's 16 MiB. The stack below the function must not know how often it was read.
    @Test("E1: the 300,000th settlement is told on as little stack as the first")
    func depth() {
        let listener = SettlementListener()
        let deepest = Atomic<UInt>(.max)
        listener.listen { _ in
            var local: UInt8 = 0
            let address = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
            deepest.store(address, ordering: .relaxed)
        }
        listener.settle([])
        let first = deepest.load(ordering: .relaxed)
        var (depth, told) = (0, 1)
        // Ends before the stack does.
        while told < 300_000, depth < 100_000 {
            listener.settle([])
            told += 1
            depth = abs(Int(first) - Int(deepest.load(ordering: .relaxed)))
        }
        #expect(told == 300_000)
        #expect(depth < 4096, "after \(told) settlements the function is called \(depth) bytes further down")
    }

    @Test("Only the last who listens is told, and before that no one")
    func last() {
        let listener = SettlementListener()
        listener.settle([])
        let told = Mutex<[String]>([])
        listener.listen { _ in told.withLock { $0.append("first") } }
        listener.listen { _ in told.withLock { $0.append("second") } }
        listener.settle([])
        #expect(told.withLock { $0 } == ["second"])
    }
}
