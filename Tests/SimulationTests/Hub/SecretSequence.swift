import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// Secrets of tasks, from the seed.
final class SecretSequence: @unchecked Sendable {
    // Proof of Sendable: a simulation runs on one thread.
    private var random: SeededRandom
    init(seed: UInt64) { random = SeededRandom(seed: seed) }
    func next() -> TaskSecret { TaskSecret(high: random.next() >> 1, low: random.next()) }
}
