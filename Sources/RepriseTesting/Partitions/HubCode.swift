import Reprise
import RepriseEngine
import RepriseKernel

/// What a hub's process runs, and how: replaced when it is started again with other code.
struct HubCode {
    var orchestrators: [String: RegisteredOrchestrator]
    var entities: [String: RegisteredEntity]
    var settings: PartitionSettings

    /// - Throws: ``TestHubError`` for a name that breaks its rules.
    init(_ orchestrators: [any Orchestrator], _ entities: [any Entity], _ configuration: TestHubConfiguration)
        throws(TestHubError)
    {
        var settings = PartitionSettings()
        settings.limits.customStatusBytes = configuration.customStatusLimit
        settings.versions = configuration.versions
        settings.retention = configuration.retention
        self.settings = settings
        self.orchestrators = try Self.byName(orchestrators)
        let registered = entities.map { RegisteredEntity($0, limits: settings.limits) }
        self.entities = Dictionary(registered.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        do {
            for entity in registered { _ = try EntityID(entity.name) }
        } catch {
            throw TestHubError(.invalid, error.reason)
        }
    }

    /// - Throws: ``TestHubError`` for a name that breaks its rules.
    static func byName(_ orchestrators: [any Orchestrator]) throws(TestHubError) -> [String: RegisteredOrchestrator] {
        // The built-in one first, as in a node: a program may put its own in its place.
        let registered = ([Scheduler()] + orchestrators).map { RegisteredOrchestrator($0) }
        do {
            for orchestrator in registered { try RegisteredName.check(orchestrator.name, of: "an orchestrator's name") }
        } catch {
            throw TestHubError(.invalid, error.reason)
        }
        return Dictionary(registered.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
}
