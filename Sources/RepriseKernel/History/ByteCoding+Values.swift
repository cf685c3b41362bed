// The binary form of values: flags, lists, times, ids.

extension ByteWriter {
    package mutating func bool(_ value: Bool) { byte(value ? 1 : 0) }

    package mutating func optional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
        bool(value != nil)
        if let value { write(&self, value) }
    }

    package mutating func optional(_ text: String?) { optional(text) { $0.string($1) } }

    package mutating func list<Value>(_ values: some Collection<Value>, _ write: (inout ByteWriter, Value) -> Void) {
        unsigned(UInt64(values.count))
        for value in values { write(&self, value) }
    }

    /// In the order of their names, so that the same tags are always the same bytes.
    package mutating func tags(_ tags: [String: String]) {
        list(tags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) { writer, tag in
            writer.string(tag.key)
            writer.string(tag.value)
        }
    }

    package mutating func write(_ time: Timestamp) { signed(time.milliseconds) }

    package mutating func write(_ duration: Duration) {
        signed(duration.components.seconds)
        signed(duration.components.attoseconds)
    }

    package mutating func write(_ entity: EntityID) {
        string(entity.name)
        string(entity.key)
    }

    package mutating func write(_ address: TaskAddress) {
        string(address.instance.value)
        string(address.token.description)
    }

    package mutating func write(_ section: CriticalSection) { string(section.description) }
}

extension ByteReader {
    package mutating func bool() throws(Damaged) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        case let other: throw Damaged(description: "\(other) is not a boolean")
        }
    }

    package mutating func optional<Value>(
        _ read: (inout ByteReader) throws(Damaged) -> Value
    ) throws(Damaged) -> Value? {
        try bool() ? try read(&self) : nil
    }

    package mutating func optional() throws(Damaged) -> String? { try bool() ? try string() : nil }

    package mutating func list<Value>(
        _ read: (inout ByteReader) throws(Damaged) -> Value
    ) throws(Damaged) -> [Value] {
        var values: [Value] = []
        // Not reserved: a damaged count must not ask for all of memory.
        for _ in 0..<(try unsigned()) { values.append(try read(&self)) }
        return values
    }

    package mutating func tags() throws(Damaged) -> [String: String] {
        var tags: [String: String] = [:]
        for _ in 0..<(try unsigned()) {
            let name = try string()
            tags[name] = try string()
        }
        return tags
    }

    package mutating func payload() throws(Damaged) -> Payload { Payload(trusted: try content()) }

    package mutating func taskID() throws(Damaged) -> TaskID { TaskID(try signed()) }

    package mutating func timestamp() throws(Damaged) -> Timestamp { Timestamp(milliseconds: try signed()) }

    package mutating func duration() throws(Damaged) -> Duration {
        Duration(secondsComponent: try signed(), attosecondsComponent: try signed())
    }

    package mutating func instanceID() throws(Damaged) -> InstanceID { InstanceID(trusted: try string()) }

    package mutating func entityID() throws(Damaged) -> EntityID { EntityID(trusted: try string(), try string()) }

    package mutating func taskAddress() throws(Damaged) -> TaskAddress {
        let instance = try instanceID()
        guard let token = TaskToken(try string()) else { throw Damaged(description: "a token cannot be read") }
        return TaskAddress(instance: instance, token: token)
    }

    package mutating func criticalSection() throws(Damaged) -> CriticalSection {
        guard let section = CriticalSection(try string()) else {
            throw Damaged(description: "a critical section cannot be read")
        }
        return section
    }
}
