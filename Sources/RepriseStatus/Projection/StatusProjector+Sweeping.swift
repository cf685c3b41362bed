import Logging
import RepriseEngine
import RepriseKernel

extension StatusProjector {
    /// Compares the model with the partition and sweeps the partition's instances if anything is missing.
    ///
    /// Returns when nothing is missing. A partition that does not answer is asked again, with pauses, indefinitely.
    func reconcile(_ partition: PartitionNumber, report: @Sendable (RebuildEvent) -> Void) async throws {
        var health = try await health(of: partition, report)
        var position = try await model.appliedPosition(of: partition)
        if let journal = position.journal, journal != health.journal {
            logger.warning("Partition \(partition) has a different journal: its instances are read again")
            try await model.startOver(partition)
        } else if health.sequence < position.applied {
            logger.warning("Partition \(partition) went back from \(position.applied) to \(health.sequence): reread")
            try await model.startOver(partition)
        }
        try await model.note(partition, known: health.sequence, journal: health.journal)

        // What is missing may be on its way: as long as messages keep coming, wait for them.
        position = try await model.appliedPosition(of: partition)
        while position.run == nil, position.applied < health.sequence {
            try await pace.sleep(pace.grace)
            let before = position.applied
            position = try await model.appliedPosition(of: partition)
            if position.applied == before { break }
        }

        var rows = 0
        while position.run != nil || position.applied < health.sequence {
            guard let swept = try await model.withRoomForSweep({ try await sweep(partition, report) }) else {
                return try await reconcile(partition, report: report)
            }
            rows = swept
            health = try await self.health(of: partition, report)
            position = try await model.appliedPosition(of: partition)
            // A sweep covers everything up to its beginning, and messages continue from there: one is enough unless
            // they have gaps.
            if position.run == nil { break }
        }
        report(.done(partition, instances: rows))
    }

    /// - Returns: how many instances were read; nil when the partition went back in time meanwhile.
    private func sweep(_ partition: PartitionNumber, _ report: @Sendable (RebuildEvent) -> Void) async throws -> Int? {
        let number = try await model.beginSweep(of: partition)
        var page = try await self.page(of: partition, after: 0, report)
        let beginning = page.sequence
        var rows = 0
        var announced = 0
        logger.debug("Sweeping partition \(partition) as of message \(beginning)")
        while true {
            guard page.sequence >= beginning else { return nil }
            switch try await model.merge(page, of: partition, sweep: number) {
            case .merge: break
            case .caughtUp, .tooOld: return rows
            }
            rows += page.statuses.count
            report(.sweeping(partition, instances: rows))
            if rows - announced >= 10_000 {
                announced = rows
                logger.info("Partition \(partition): \(rows) instances read into the read model so far")
            }
            guard let next = page.next else { break }
            page = try await self.page(of: partition, after: next, report)
        }
        let (removed, isWhole) = try await model.endSweep(number, of: partition, at: beginning)
        logger.info(
            "Partition \(partition): \(rows) instances read into the read model, \(removed) gone\(isWhole ? "" : "; again")"
        )
        return rows
    }

    // MARK: Asking, until there is an answer

    private func health(
        of partition: PartitionNumber,
        _ report: @Sendable (RebuildEvent) -> Void
    ) async throws -> PartitionHealth {
        try await ask(.health, of: partition, report) { if case .health(let health) = $0 { health } else { nil } }
    }

    private func page(
        of partition: PartitionNumber,
        after cursor: InstanceKey,
        _ report: @Sendable (RebuildEvent) -> Void
    ) async throws -> InstancePage {
        try await ask(.instances(after: cursor, limit: pace.pageSize), of: partition, report) {
            if case .instances(let page) = $0 { page } else { nil }
        }
    }

    private func ask<Value>(
        _ query: Query,
        of partition: PartitionNumber,
        _ report: @Sendable (RebuildEvent) -> Void,
        _ read: (Answer) -> Value?
    ) async throws -> Value {
        var failures = 0
        while true {
            try Task.checkCancellation()
            let reason: String
            do {
                let answer = try await client.ask(query, partition: partition)
                if let value = read(answer) {
                    if failures > 0 { logger.info("Partition \(partition) answers again") }
                    return value
                }
                reason = if case .rejected(let rejection) = answer { rejection.reason } else { "an unexpected answer" }
            } catch {
                reason = error.message
            }
            failures += 1
            if failures == 1 { logger.warning("Partition \(partition) gives no answer and is asked again: \(reason)") }
            report(.waiting(partition, reason: reason))
            try await pace.sleep(pace.pause(after: failures))
        }
    }
}
