public import Foundation
public import Reprise
import RepriseEngine
public import RepriseKernel

extension TestHub {
    /// The time of the simulated clock.
    public var now: Date { machine.clock.now.date }

    /// Lets time pass. Whatever is due meanwhile happens at its own time, in order.
    public func advance(by duration: Duration) async throws {
        try await advance(to: machine.clock.now + duration)
    }

    /// Lets time pass until `date`; does nothing if that has passed.
    public func advance(to date: Date) async throws {
        try await advance(to: Timestamp(rounding: date))
    }

    private func advance(to end: Timestamp) async throws {
        try await settle()
        while let due = machine.nextDue(), due <= end {
            machine.clock.advance(to: due)
            try await settle()
        }
        machine.clock.advance(to: end)
        try await settle()
    }

    /// Lets time pass until nothing more is due, and everything that has not ended waits for input from outside.
    ///
    /// - Parameter limit: how much time may pass.
    /// - Throws: ``RepriseError``: `timeLimit` when that does not happen within `limit`.
    public func runUntilIdle(within limit: Duration = longest) async throws {
        let end = machine.clock.now + limit
        try await settle()
        while let due = machine.nextDue() {
            guard due <= end else { throw RepriseError(.timeLimit, "something is still due after \(limit)") }
            machine.clock.advance(to: due)
            try await settle()
        }
    }

    /// The status of an orchestration once it has ended, in whatever way. Lets as much time pass as that takes.
    ///
    /// - Parameter timeout: how much time may pass; ``longest`` when nil.
    /// - Throws: ``ResultTimedOut``, or ``RepriseError``: `stuck` when nothing more can happen, with what it is waiting
    ///   for; `unknownInstance`.
    @discardableResult
    public func end(of id: InstanceID, timeout: Duration?) async throws -> OrchestrationStatus {
        let timeout = timeout ?? Self.longest
        let end = machine.clock.now + timeout
        while true {
            try await settle()
            let status = try found(id)
            if status.isEnded { return status }
            if let due = machine.nextDue(), due > end {
                throw ResultTimedOut(id: id, timeout: timeout, state: try whatItWaitsFor(id))
            }
            try passTime(for: id)
        }
    }

    /// Lets time pass until something is due.
    ///
    /// - Throws: ``RepriseError``: `stuck` when nothing is, with what the instance is waiting for.
    func passTime(for id: InstanceID) throws {
        guard let due = machine.nextDue() else {
            throw RepriseError(.stuck, "\(try whatItWaitsFor(id)); nothing more can happen by itself")
        }
        machine.clock.advance(to: due)
    }

    /// A year: no timer is meant to be longer, and repeating ones need not be waited for.
    public static var longest: Duration { .seconds(366 * 24 * 3600) }
}
