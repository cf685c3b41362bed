import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    /// An instance's timeline after a cursor, without gaps as far as it is still known anywhere.
    ///
    /// The instance's partition is asked for what the model lacks, unless `filling` is over; a version that no longer
    /// exists anywhere (of a generation that has ended, or trimmed) is then skipped.
    ///
    /// - Returns: nil when there is no such instance.
    func timeline(of instance: InstanceID, after cursor: Cursor, limit: Int, filling: inout GapFilling) async throws
        -> StatusTimeline?
    {
        guard var timeline = try await known(instance, after: cursor, limit: limit) else { return nil }
        var gap = timeline.firstGap(after: cursor)
        if let missing = gap, filling.mayAsk(for: missing, of: timeline.current) {
            if let answer = try await client.status(of: instance, history: true) {
                try await model.fill(answer.status, from: answer.history)
                guard
                    let again = try await model.timeline(
                        of: instance,
                        incarnation: cursor.incarnation,
                        after: cursor.version,
                        limit: limit
                    )
                else { return nil }
                timeline = again
                gap = timeline.firstGap(after: cursor)
            }
        }
        if let missing = gap, filling.mayStillCome(missing, of: timeline.current, now: .now) {
            timeline.changes.removeAll { $0.status.version > missing }
            timeline.isCut = false
        }
        return timeline
    }

    private func known(_ instance: InstanceID, after cursor: Cursor, limit: Int) async throws -> StatusTimeline? {
        func look() async throws -> StatusTimeline? {
            try await model.timeline(of: instance, incarnation: cursor.incarnation, after: cursor.version, limit: limit)
        }
        if let timeline = try await look() { return timeline }
        guard try await current(instance) != nil else { return nil }
        // It has just begun: the model is about to receive it.
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            try await clock.sleep(for: .milliseconds(50))
            if let timeline = try await look() { return timeline }
        }
        throw HubUnavailable("the read model does not know the instance yet")
    }
}

/// What a reader has tried to close a gap, so that it neither asks repeatedly nor waits forever.
struct GapFilling: Sendable {
    private var asked: Cursor?
    private var missedSince: ContinuousClock.Instant?

    /// How long to wait for a version that neither model nor partition has: it may be on its way.
    static let timeout = Duration.seconds(2)

    mutating func mayAsk(for version: Int64, of status: InstanceStatus) -> Bool {
        let gap = Cursor(incarnation: status.incarnation, version: version)
        defer { asked = gap }
        guard asked == gap else {
            missedSince = nil
            return true
        }
        return false
    }

    mutating func mayStillCome(_ version: Int64, of status: InstanceStatus, now: ContinuousClock.Instant) -> Bool {
        let since = missedSince ?? now
        missedSince = since
        return !status.runtimeStatus.isEnded && now - since < Self.timeout
    }
}

extension StatusTimeline {
    /// The first version after the cursor that is not among the changes, though a later one is, or should be.
    func firstGap(after cursor: Cursor) -> Int64? {
        let begins = cursor.incarnation.map { $0 == current.incarnation } ?? true
        var expected = (begins ? cursor.version : 0) + 1
        for change in changes {
            guard change.status.version == expected else { return expected }
            expected += 1
        }
        return isCut || expected > current.version ? nil : expected
    }
}
