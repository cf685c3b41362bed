import HTTPTypes

/// What the API can do, each thing by its id in the OpenAPI document.
enum Operation: String, CaseIterable, Sendable {
    case startOrchestration
    case startOrchestrationWithID
    case getInstance
    case listStatuses
    case getInstanceTree
    case listInstances
    case purgeInstance
    case purgeInstances
    case raiseEvent
    case terminateInstance
    case suspendInstance
    case resumeInstance
    case rewindInstance
    case resendInstance
    case restartInstance

    case getEntity
    case listEntities
    case listEntitiesOfName
    case signalEntity
    case signalEntityWithoutKey
    case deleteEntity
    case deleteEntityWithoutKey

    case countInstances
    case listIndexes
    case addIndex
    case removeIndex

    case getPage
    case getOverview
    case getHealth
    case getCluster
    case listOrchestrators
    case getDocument
    case followHub
}

extension Operation {
    var method: HTTPRequest.Method {
        switch self {
        case .startOrchestration, .startOrchestrationWithID, .raiseEvent, .terminateInstance, .suspendInstance,
            .resumeInstance, .rewindInstance, .resendInstance, .restartInstance, .signalEntity, .signalEntityWithoutKey,
            .addIndex:
            .post
        case .purgeInstance, .purgeInstances, .deleteEntity, .deleteEntityWithoutKey, .removeIndex: .delete
        case .getInstance, .listStatuses, .getInstanceTree, .listInstances, .listOrchestrators, .getEntity,
            .listEntities, .listEntitiesOfName, .countInstances, .listIndexes, .getPage, .getOverview, .getHealth,
            .getCluster, .getDocument, .followHub:
            .get
        }
    }

    /// Where it lies; what stands in braces is a parameter.
    var path: String {
        switch self {
        case .startOrchestration: compatible("orchestrators/{name}")
        case .startOrchestrationWithID: compatible("orchestrators/{name}/{instanceId}")
        case .getInstance, .purgeInstance: compatible("instances/{instanceId}")
        case .listStatuses: compatible("instances/{instanceId}/statuses")
        case .getInstanceTree: compatible("instances/{instanceId}/tree")
        case .listInstances, .purgeInstances: compatible("instances")
        case .raiseEvent: compatible("instances/{instanceId}/raiseEvent/{eventName}")
        case .terminateInstance: compatible("instances/{instanceId}/terminate")
        case .suspendInstance: compatible("instances/{instanceId}/suspend")
        case .resumeInstance: compatible("instances/{instanceId}/resume")
        case .rewindInstance: compatible("instances/{instanceId}/rewind")
        case .resendInstance: compatible("instances/{instanceId}/resend")
        case .restartInstance: compatible("instances/{instanceId}/restart")
        case .listEntities: compatible("entities")
        case .listEntitiesOfName, .signalEntityWithoutKey, .deleteEntityWithoutKey:
            compatible("entities/{entityName}")
        case .getEntity, .signalEntity, .deleteEntity: compatible("entities/{entityName}/{entityKey}")
        case .countInstances: "/counts"
        case .listIndexes, .addIndex, .removeIndex: "/indexes"
        case .getPage: "/"
        case .getOverview: "/overview"
        case .getHealth: "/health"
        case .getCluster: "/cluster"
        case .listOrchestrators: "/orchestrators"
        case .getDocument: "/openapi.json"
        case .followHub: "/status-stream"
        }
    }

    private func compatible(_ path: String) -> String { "\(Route.basePath)/\(path)" }
}

extension Route {
    /// Nil for what is none: the page's own files, unknown addresses and wrong verbs.
    var operation: Operation? {
        switch self {
        case .start(_, instance: nil): .startOrchestration
        case .start: .startOrchestrationWithID
        case .status: .getInstance
        case .statuses: .listStatuses
        case .tree: .getInstanceTree
        case .list: .listInstances
        case .purge: .purgeInstance
        case .purgeMany: .purgeInstances
        case .raiseEvent: .raiseEvent
        case .terminate: .terminateInstance
        case .suspend: .suspendInstance
        case .resume: .resumeInstance
        case .rewind: .rewindInstance
        case .resend: .resendInstance
        case .restart: .restartInstance
        case .entity: .getEntity
        case .entities(name: nil): .listEntities
        case .entities: .listEntitiesOfName
        case .signal(_, key: nil): .signalEntityWithoutKey
        case .signal: .signalEntity
        case .deleteEntity(_, key: nil): .deleteEntityWithoutKey
        case .deleteEntity: .deleteEntity
        case .counts: .countInstances
        case .indexes: .listIndexes
        case .addIndex: .addIndex
        case .removeIndex: .removeIndex
        case .page: .getPage
        case .overview: .getOverview
        case .health: .getHealth
        case .cluster: .getCluster
        case .orchestrators: .listOrchestrators
        case .document: .getDocument
        case .stream: .followHub
        case .asset, .unknown, .wrongVerb, .illegible: nil
        }
    }
}
