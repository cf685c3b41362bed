import RabbitMQ
import RepriseKernel

// A request to an entity, as headers. Strangers set the operation's name and perhaps a time; the rest is ours.

extension RabbitMQProperties {
    func entityRequest(input: Payload) throws(Rejection) -> EntityRequest {
        let kind: EntityRequest.Kind
        if let lock = try text(Header.lock) {
            kind = .lock(try entities(lock))
        } else if try flag(Header.unlock) {
            kind = .unlock
        } else {
            // The reference allows an operation without a name.
            let name = try text(Header.name) ?? ""
            guard name.utf8.count <= RegisteredName.maximumBytes else {
                throw Rejection(.invalid, "an operation's name may have at most \(RegisteredName.maximumBytes) bytes")
            }
            kind = .operation(name: name, input: input)
        }
        var section: CriticalSection?
        if let text = try text(Header.section) {
            section = CriticalSection(text)
            guard section != nil else {
                throw Rejection(.invalid, "the header '\(Header.section)' is not a critical section of this hub")
            }
        }
        return EntityRequest(kind, caller: try caller(), section: section, due: try time(Header.due))
    }

    /// Gives what goes into the body.
    mutating func set(_ request: EntityRequest) -> Payload {
        if let caller = request.caller { set(caller: caller) }
        if let section = request.section { headers[Header.section] = .string(section.description) }
        if let due = request.due { headers[Header.due] = .int(due.milliseconds) }
        switch request.kind {
        case .operation(_, let input):
            return input
        case .lock(let entities):
            // No id has a control character.
            headers[Header.lock] = .string(entities.map(\.description).joined(separator: "\n"))
        case .unlock:
            headers[Header.unlock] = true
        }
        return .null
    }

    private func entities(_ text: String) throws(Rejection) -> [EntityID] {
        var entities: [EntityID] = []
        for line in text.split(separator: "\n") {
            do {
                entities.append(try EntityID(parsing: String(line)))
            } catch {
                throw Rejection(.invalid, error.reason)
            }
        }
        guard !entities.isEmpty else { throw Rejection(.invalid, "a lock names no entity") }
        return entities
    }
}
