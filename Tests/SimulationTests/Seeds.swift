import Foundation
import Synchronization

/// A seed is a run that needs nothing of any other, so every core takes the next one.
enum Seeds {
    /// Runs `body` for each of them, in no exact order; stops taking new ones once it says false or throws.
    static func each(_ seeds: Range<UInt64>, _ body: @Sendable (UInt64) throws -> Bool) throws {
        let next = Mutex<(seed: UInt64, error: (any Error)?)>((seeds.lowerBound, nil))
        DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
            while true {
                let taken: UInt64? = next.withLock { next in
                    guard next.seed < seeds.upperBound else { return nil }
                    defer { next.seed += 1 }
                    return next.seed
                }
                guard let seed = taken else { return }
                do {
                    if try body(seed) { continue }
                    next.withLock { $0.seed = seeds.upperBound }
                } catch {
                    next.withLock { $0 = (seeds.upperBound, error) }
                }
            }
        }
        if let error = next.withLock({ $0.error }) { throw error }
    }
}
