package import RepriseKernel

/// What a program registers under a name: an orchestrator, an activity or an entity.
package protocol Registered: Sendable {
    /// The plural noun for them, for error sentences.
    static var kinds: String { get }
    var name: String { get }
    /// The Swift type, for error sentences.
    var typeName: String { get }
    func checkName() throws(InvalidName)
}

extension Registered {
    /// The only way to look up by name what a program registers: of two with one name, one would never run.
    ///
    /// - Parameter builtIn: those that are always there; a program may replace them with its own.
    /// - Throws: ``InvalidName`` for a name that breaks its rules, or that is used twice.
    package static func byName(_ given: [Self], over builtIn: [Self] = []) throws(InvalidName) -> [String: Self] {
        var known: [String: Self] = [:]
        for one in given {
            try one.checkName()
            guard let other = known.updateValue(one, forKey: one.name) else { continue }
            throw InvalidName(
                """
                two \(kinds) have the name '\(one.name)': \(other.typeName) and \(one.typeName); \
                give one of them a name of its own (static let name = "…")
                """
            )
        }
        for one in builtIn where known[one.name] == nil { known[one.name] = one }
        return known
    }
}

extension RegisteredOrchestrator: Registered {
    package static var kinds: String { "orchestrators" }
    package func checkName() throws(InvalidName) {
        try RegisteredName.check(name, of: "an orchestrator's name")
        var names: Set<String> = []
        for event in events {
            try RegisteredName.check(event.name, of: "an event's name")
            guard names.insert(event.name.lowercased()).inserted else {
                throw InvalidName("the orchestrator '\(name)' declares two events '\(event.name)'")
            }
        }
    }
}

extension RegisteredActivity: Registered {
    package static var kinds: String { "activities" }
    package func checkName() throws(InvalidName) { try RegisteredName.check(name, of: "an activity's name") }
}

extension RegisteredEntity: Registered {
    package static var kinds: String { "entities" }
    package func checkName() throws(InvalidName) { _ = try EntityID(name) }
}
