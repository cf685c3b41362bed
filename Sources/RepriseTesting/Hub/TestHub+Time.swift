public import Foundation
import RepriseEngine
public import RepriseKernel

extension TestHub {
    /// What the simulated clock shows.
    public var now: Date { machine.clock.now.date }

    /// Lets time pass. Whatever is due meanwhile happens at its own time, in order.
    public func advance(by duration: Duration) async throws {
        try await advance(to: machine.clock.now + duration)
    }

    /// Lets time pass until `date`; does nothing when that has passed.
    public func advance(to date: Date) async throws {
        try await advance(to: Timestamp(date))
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

    /// Lets as much time pass as it takes until nothing is due any more, and whatever has not ended waits for somebody.
    ///
    /// - Parameter limit: how much time may pass.
    /// - Throws: ``TestHubError``: `timeLimit` when there is no end to it within `limit`.
    public func runUntilIdle(within limit: Duration = longest) async throws {
        let end = machine.clock.now + limit
        try await settle()
        while let due = machine.nextDue() {
            guard due <= end else { throw TestHubError(.timeLimit, "something is still due after \(limit)") }
            machine.clock.advance(to: due)
            try await settle()
        }
    }

    /// The output of an orchestration. Lets as much time pass as it takes until it ends.
    ///
    /// - Parameter limit: how much time may pass.
    /// - Throws: ``TestHubError``: `failed` and `terminated` when it ended so; `stuck` when nothing can happen any more,
    ///   with what it waits for; `timeLimit` when it has not ended within `limit`; `unknownInstance`.
    public func result<Output: Decodable & Sendable>(
        of id: InstanceID,
        as type: Output.Type = Output.self,
        within limit: Duration = longest
    ) async throws -> Output {
        let ended = try await end(of: id, within: limit)
        switch ended.runtimeStatus {
        case .completed: return try ended.outputPayload.decoded(as: type, "the output of '\(id)'")
        case .failed:
            let why = ended.failure.map { ": \($0)" } ?? ""
            throw TestHubError(.failed, "'\(id)' (\(ended.name)) failed\(why)", failure: ended.failure)
        default:
            let reason = ended.outputPayload.isNull ? "" : ": \(ended.outputPayload.text)"
            throw TestHubError(.terminated, "'\(id)' (\(ended.name)) was terminated\(reason)")
        }
    }

    /// Where an orchestration stands once it has ended, however it has. Lets as much time pass as that takes.
    ///
    /// - Parameter limit: how much time may pass.
    /// - Throws: ``TestHubError``: `stuck`, `timeLimit`, `unknownInstance`.
    @discardableResult
    public func end(of id: InstanceID, within limit: Duration = longest) async throws -> InstanceSnapshot {
        let end = machine.clock.now + limit
        while true {
            try await settle()
            let status = try status(of: id)
            if status.isEnded { return status }
            guard let due = machine.nextDue() else { throw TestHubError(.stuck, try whyNothingHappens(to: id)) }
            guard due <= end else {
                throw TestHubError(.timeLimit, "\(try whatItWaitsFor(id)), and has not ended within \(limit)")
            }
            machine.clock.advance(to: due)
        }
    }

    /// A year: no timer is so long by intent, and none that repeats need be waited for.
    public static var longest: Duration { .seconds(366 * 24 * 3600) }
}
