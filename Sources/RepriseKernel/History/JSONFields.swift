/// The members of an object in a history file, read by name; what is missing or of another kind is reported with its
/// place.
struct JSONFields {
    private let members: NamedMembers<JSONView>
    private let place: String

    init(_ view: JSONView, at place: String) throws(HistoryJSON.Problem) {
        guard let members = view.members else { throw HistoryJSON.Problem("\(place) is not an object") }
        self.members = members
        self.place = place
    }

    func problem(_ sentence: String) -> HistoryJSON.Problem { HistoryJSON.Problem("\(place): \(sentence)") }

    func missing(_ name: String, _ kind: String) -> HistoryJSON.Problem {
        problem(members[name] == nil ? "there is no '\(name)'" : "'\(name)' is not \(kind)")
    }

    // MARK: What must be there

    func text(_ name: String) throws(HistoryJSON.Problem) -> String {
        guard let text = value(name)?.text else { throw missing(name, "a text") }
        return text
    }

    func integer(_ name: String) throws(HistoryJSON.Problem) -> Int64 {
        guard let integer = value(name)?.integer else { throw missing(name, "a whole number") }
        return integer
    }

    func integers(_ name: String) throws(HistoryJSON.Problem) -> [Int] {
        guard let values = value(name)?.elements?.map({ $0.integer.flatMap(Int.init(exactly:)) }),
            !values.contains(nil)
        else { throw missing(name, "an array of whole numbers") }
        return values.compactMap(\.self)
    }

    func payload(_ name: String) throws(HistoryJSON.Problem) -> Payload {
        guard let payload = value(name)?.payload else { throw missing(name, "a value") }
        return payload
    }

    func task(_ name: String) throws(HistoryJSON.Problem) -> TaskID { TaskID(try integer(name)) }

    func time(_ name: String) throws(HistoryJSON.Problem) -> Timestamp {
        guard let time = try timeIfGiven(name) else { throw missing(name, "a time") }
        return time
    }

    func instance(_ name: String) throws(HistoryJSON.Problem) -> InstanceID {
        let text = try text(name)
        do {
            return try InstanceID(entityOrInstance: text)
        } catch {
            throw problem("'\(name)': \(error.reason)")
        }
    }

    func entity(_ name: String) throws(HistoryJSON.Problem) -> EntityID {
        try entity(try text(name), in: name)
    }

    func entities(_ name: String) throws(HistoryJSON.Problem) -> [EntityID] {
        guard let values = value(name)?.elements else { throw missing(name, "an array") }
        var entities: [EntityID] = []
        for value in values {
            guard let text = value.text else { throw missing(name, "an array of texts") }
            entities.append(try entity(text, in: name))
        }
        return entities
    }

    private func entity(_ text: String, in name: String) throws(HistoryJSON.Problem) -> EntityID {
        do {
            return try EntityID(parsing: text)
        } catch {
            throw problem("'\(name)': \(error.reason)")
        }
    }

    func fields(_ name: String) throws(HistoryJSON.Problem) -> JSONFields {
        guard let fields = try fieldsIfGiven(name) else { throw missing(name, "an object") }
        return fields
    }

    // MARK: What may be left out

    func value(_ name: String) -> JSONView? { members[name] }

    func flag(_ name: String) throws(HistoryJSON.Problem) -> Bool {
        guard let value = value(name) else { return false }
        guard let flag = value.bool else { throw missing(name, "true or false") }
        return flag
    }

    func textIfGiven(_ name: String) throws(HistoryJSON.Problem) -> String? {
        value(name) == nil ? nil : try text(name)
    }

    func integerIfGiven(_ name: String) throws(HistoryJSON.Problem) -> Int64? {
        value(name) == nil ? nil : try integer(name)
    }

    func instanceIfGiven(_ name: String) throws(HistoryJSON.Problem) -> InstanceID? {
        value(name) == nil ? nil : try instance(name)
    }

    /// A text in ISO 8601, or milliseconds where the calendar ends.
    func timeIfGiven(_ name: String) throws(HistoryJSON.Problem) -> Timestamp? {
        guard let value = value(name) else { return nil }
        if let milliseconds = value.integer { return Timestamp(milliseconds: milliseconds) }
        guard let time = value.text.flatMap({ TimeText.parse($0, rounding: .down) }) else {
            throw missing(name, "a time")
        }
        return time
    }

    func durationIfGiven(_ name: String) throws(HistoryJSON.Problem) -> Duration? {
        guard let value = value(name) else { return nil }
        guard let parts = value.elements?.map(\.integer), parts.count == 2, let seconds = parts[0],
            let attoseconds = parts[1]
        else { throw missing(name, "an array of seconds and attoseconds") }
        return Duration(secondsComponent: seconds, attosecondsComponent: attoseconds)
    }

    func fieldsIfGiven(_ name: String) throws(HistoryJSON.Problem) -> JSONFields? {
        guard let value = value(name) else { return nil }
        return try JSONFields(value, at: "\(place), \(name)")
    }

    func tags(_ name: String) throws(HistoryJSON.Problem) -> [String: String] {
        guard let value = value(name) else { return [:] }
        guard let members = value.members else { throw missing(name, "an object") }
        var tags: [String: String] = [:]
        for (tag, value) in members {
            guard let text = value.text else { throw missing(name, "an object of texts") }
            tags[tag] = text
        }
        return tags
    }
}

extension JSONObject {
    /// A text in ISO 8601, or milliseconds where the calendar ends.
    mutating func add(_ name: String, _ time: Timestamp) {
        let text = TimeText.milliseconds(time)
        if TimeText.parse(text, rounding: .down) == time { add(name, text) } else { add(name, time.milliseconds) }
    }

    mutating func add(_ name: String, _ numbers: [Int]) {
        add(name, raw: Array("[\(numbers.map(String.init).joined(separator: ","))]".utf8))
    }

    mutating func add(_ name: String, _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        add(name, raw: Array("[\(seconds),\(attoseconds)]".utf8))
    }

    mutating func add(_ name: String, _ entities: [EntityID]) {
        add(name, Payload.strings(entities.map(\.description)))
    }

    /// Writes nothing if there are none; in the order of their names.
    mutating func add(_ name: String, tags: [String: String]) {
        guard !tags.isEmpty else { return }
        var object = JSONObject()
        for (tag, value) in tags.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            object.add(tag, value)
        }
        add(name, object)
    }
}
