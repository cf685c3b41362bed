/// Ids and keys that are computed, never random: the same inputs always give the same result, also after a crash.
package enum DerivedIdentity {
    /// The instance id of a start that names none: redelivered, it names the same instance again.
    package static func instanceID(hub: HubName, orchestrator: String, messageID: String) -> InstanceID {
        InstanceID(trusted: hex(digest("start", [hub.value, orchestrator, messageID]).prefix(16)))
    }

    /// The key by which the journal remembers a command: sixteen bytes for (instance, kind, message id).
    package static func seenKey(instance: InstanceID, kind: String, messageID: String) -> [UInt8] {
        Array(digest("seen", [instance.value, kind, messageID]).prefix(16))
    }

    /// The id of a sub-orchestration without one: its parent's id, with what distinguishes it from that parent's other
    /// children.
    package static func child(of parent: InstanceID, incarnation: Incarnation, task: TaskID) -> InstanceID {
        let text = "\(parent):\(String(incarnation.rawValue, radix: 16)):\(String(task.value, radix: 16))"
        if let id = try? InstanceID(text) { return id }
        return InstanceID(
            trusted: hex(digest("child", [parent.value, incarnation.description, task.description]).prefix(16))
        )
    }

    /// Which incarnation of its parent made the id of a child; nil when the id does not say.
    package static func incarnation(ofParent parent: InstanceID, in child: InstanceID) -> Incarnation? {
        let prefix = "\(parent):"
        guard child.value.utf8.starts(with: prefix.utf8) else { return nil }
        let words = child.value.utf8.dropFirst(prefix.utf8.count).split(
            separator: UInt8(ascii: ":"),
            omittingEmptySubsequences: false
        ).map { Int64(String(decoding: $0, as: UTF8.self), radix: 16) }
        guard words.count == 2, let incarnation = words[0], words[1] != nil else { return nil }
        return Incarnation(rawValue: incarnation)
    }

    /// What distinguishes a message sent by an execution's code from all others, including those of the same step when
    /// it was undone, unless they are identical.
    package static func sent(by instance: InstanceID, incarnation: Incarnation, task: TaskID, fingerprint: UInt64)
        -> String
    {
        let parts = [instance.value, incarnation.description, task.description, String(fingerprint)]
        return "m" + hex(digest("sent", parts).prefix(16))
    }

    /// The id of an orchestration that an entity's operation starts without naming it.
    package static func entityChild(of entity: InstanceID, commit: CommitNumber, number: Int) -> InstanceID {
        let parts = [entity.value, commit.description, String(number)]
        return InstanceID(trusted: hex(digest("entity's child", parts).prefix(16)))
    }

    /// A name-based UUID (version 8, from SHA-256) for the `counter`th id that a generation of an execution asks for.
    package static func uuid(instance: InstanceID, incarnation: Incarnation, generation: Int64, counter: UInt64)
        -> [UInt8]
    {
        let parts = execution(instance, incarnation, generation) + [String(counter)]
        var bytes = Array(digest("uuid", parts).prefix(16))
        bytes[6] = (bytes[6] & 0x0F) | 0x80
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        return bytes
    }

    /// The seed of a generation's random numbers.
    package static func randomSeed(instance: InstanceID, incarnation: Incarnation, generation: Int64) -> UInt64 {
        digest("random", execution(instance, incarnation, generation)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The first generation is named as in the first release, which had no others.
    private static func execution(_ instance: InstanceID, _ incarnation: Incarnation, _ generation: Int64) -> [String] {
        [instance.value, incarnation.description] + (generation == 0 ? [] : ["generation \(generation)"])
    }

    /// What distinguishes an attempt at a task from all others, in any life of the partition, without revealing its
    /// secret.
    package static func attempt(_ secret: TaskSecret) -> String {
        hex(digest("attempt", [String(secret.high), String(secret.low)]).prefix(8))
    }

    /// Sixteen digits.
    package static func hex(_ number: UInt64) -> String {
        hex(stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) })
    }

    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digest(_ purpose: String, _ parts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in [purpose] + parts {
            // Length first: ("ab", "c") and ("a", "bc") are different inputs.
            withUnsafeBytes(of: UInt64(part.utf8.count).littleEndian) { bytes += $0 }
            bytes += part.utf8
        }
        return SHA256Digest.of(bytes)
    }
}
