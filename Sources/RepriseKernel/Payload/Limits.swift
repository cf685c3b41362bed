/// The sizes a hub accepts. Anything larger is refused at the edge, with a sentence that names the limit, never further
/// in.
package struct Limits: Sendable, Equatable {
    /// The largest message body, in bytes.
    package var bodyBytes = 1_048_576
    /// The largest custom status, in bytes of its JSON written as UTF-16.
    package var customStatusBytes = 16_384
    /// The largest report of an activity's progress, in bytes of JSON.
    package var progressBytes = 16_384
    /// The most decisions (activities, timers, status changes) one turn of an orchestrator may take.
    package var decisionsPerTurn = 10_000
    /// The most events that one execution's history may have: an endless execution must continue as new before that.
    package var historyEvents = 100_000
    /// The most bytes of inputs and statuses that one turn may hand out.
    package var turnBytes = 64 << 20
    /// The most early or suspended events that wait for one instance.
    package var pendingEvents = 1_000
    /// The most bytes that events waiting for one instance may take, and those of all instances that a partition has in
    /// memory.
    package var pendingBytes = 4 << 20
    package var partitionPendingBytes = 64 << 20
    /// The most events that one partition holds for instances that do not exist yet, and the bytes they may take.
    package var heldEvents = 10_000
    package var heldBytes = 64 << 20

    /// The most tags of an instance, and the bytes of all their names and values together.
    package var tags = 64
    package var tagBytes = 8_192

    /// The largest event that comes with a start, in bytes: on the wire it travels in a header, beside the input.
    package var startEventBytes = 65_536

    /// The bytes of the ids of all entities in one lock: they travel in a header, and a header in one frame.
    package var lockBytes = 65_536

    package init() {}
}

extension Limits {
    package func check(event: StartRequest.Event) throws(Rejection) {
        let bytes = event.payload.bytes.count
        guard bytes > startEventBytes else { return }
        throw Rejection(
            .tooLarge,
            "the event of a start may have \(startEventBytes) bytes, this one has \(bytes): raise it once the instance is started"
        )
    }

    /// - Throws: ``Failure`` of type `PayloadTooLarge` that names the size and the limit.
    package func check(customStatus: Payload) throws(Failure) {
        guard customStatus.utf16Bytes > customStatusBytes else { return }
        throw Failure(
            type: Failure.Kind.tooLarge,
            message: """
                the custom status has \(customStatus.utf16Bytes) bytes of UTF-16 JSON, the limit is \(customStatusBytes)
                """
        )
    }

    /// - Throws: ``Failure`` of type `PayloadTooLarge`.
    package func check(lock entities: [EntityID]) throws(Failure) {
        let bytes = entities.reduce(0) { $0 + $1.description.utf8.count + 1 }
        guard bytes > lockBytes else { return }
        throw Failure(
            type: Failure.Kind.tooLarge,
            message:
                "the ids of the \(entities.count) entities of a lock have \(bytes) bytes, the limit is \(lockBytes)",
            isNonRetriable: true
        )
    }

    /// Tags travel with every start and are stored with every status, so they must stay small.
    ///
    /// - Throws: ``Failure`` of type `PayloadTooLarge` or `UnreadablePayload`, meant for their sender.
    package func check(tags: [String: String]) throws(Failure) {
        guard tags.count <= self.tags else {
            throw Failure(
                type: Failure.Kind.tooLarge,
                message: "an instance may have \(self.tags) tags, this one has \(tags.count)",
                isNonRetriable: true
            )
        }
        let bytes = tags.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= tagBytes else {
            throw Failure(
                type: Failure.Kind.tooLarge,
                message: "an instance's tags may have \(tagBytes) bytes, these have \(bytes)",
                isNonRetriable: true
            )
        }
        for name in tags.keys {
            do {
                try RegisteredName.check(name, of: "a tag's name")
            } catch {
                throw Failure(type: Failure.Kind.unreadable, message: error.reason, isNonRetriable: true)
            }
        }
    }
}
