import Reprise
import RepriseEngine
import RepriseKernel

/// What a hub's process runs, and how: replaced when it is restarted with other code.
struct HubCode {
    var orchestrators: [String: RegisteredOrchestrator]
    var entities: [String: RegisteredEntity]
    var settings: PartitionSettings

    /// - Throws: ``RepriseError`` for a name that breaks its rules, or that is used twice.
    init(_ orchestrators: [any Orchestrator], _ entities: [any Entity], _ configuration: TestHubConfiguration)
        throws(RepriseError)
    {
        var settings = PartitionSettings()
        settings.limits.customStatusBytes = configuration.customStatusLimit
        settings.versions = configuration.versions
        settings.replayInputs = configuration.replayInputs
        settings.retention = configuration.retention
        // A test says how much time has passed, and is trusted.
        settings.clockTrust.longestAbsence = nil
        settings.clockTrust.jumpMustLast = .zero
        self.settings = settings
        self.orchestrators = try Self.byName(orchestrators)
        self.entities = try Self.byName(entities.map { RegisteredEntity($0, limits: settings.limits) })
    }

    /// - Throws: ``RepriseError`` for a name that breaks its rules, or that is used twice.
    static func byName(_ orchestrators: [any Orchestrator]) throws(RepriseError) -> [String: RegisteredOrchestrator] {
        try byName(orchestrators.map { RegisteredOrchestrator($0) }, over: [RegisteredOrchestrator(Scheduler())])
    }

    static func byName<R: Registered>(_ given: [R], over builtIn: [R] = []) throws(RepriseError) -> [String: R] {
        do {
            return try R.byName(given, over: builtIn)
        } catch {
            throw RepriseError(.invalid, error.reason)
        }
    }
}
