import HTTPTypes

/// What a request is about. Durable Functions' own routes lie under one base; what is ours lies beside it.
enum Route: Equatable, Sendable {
    case start(orchestrator: String, instance: String?)
    case status(String)
    case statuses(String)
    case list
    case tree(String)
    case purge(String)
    case purgeMany
    case raiseEvent(String, event: String)
    case terminate(String)
    case suspend(String)
    case resume(String)
    case rewind(String)
    case resend(String)
    case restart(String)
    case entity(name: String, key: String)
    case entities(name: String?)
    case signal(name: String, key: String?)
    case deleteEntity(name: String, key: String?)

    case counts
    case indexes
    case addIndex
    case removeIndex

    case page
    /// A file that the page consists of.
    case asset(String)
    case overview
    case health
    case cluster
    case orchestrators
    case document
    case stream

    /// Answered with nothing, as the reference does for what it does not know, wrong verbs included.
    case unknown
    /// One of our own routes, asked with a verb that it does not have.
    case wrongVerb(allowed: String)
    /// The path is not text.
    case illegible

    static let base = ["runtime", "webhooks", "durabletask"]
    static let basePath = "/runtime/webhooks/durabletask"
}

extension Route {
    init(_ method: HTTPRequest.Method, _ segments: [String?]) {
        let path = segments.compactMap { $0 }
        guard path.count == segments.count else {
            self = .illegible
            return
        }
        if path.prefix(3).map({ $0.lowercased() }) == Self.base {
            self = Self.compatible(method, path.dropFirst(3).map { $0 }) ?? .unknown
        } else {
            self = Self.own(method, path)
        }
    }

    private static func compatible(_ method: HTTPRequest.Method, _ path: [String]) -> Route? {
        guard path.allSatisfy({ !$0.isEmpty }) else { return nil }
        switch (method, path.first?.lowercased(), path.count) {
        case (.post, "orchestrators", 2): return .start(orchestrator: path[1], instance: nil)
        case (.post, "orchestrators", 3): return .start(orchestrator: path[1], instance: path[2])
        case (.get, "instances", 1): return .list
        case (.delete, "instances", 1): return .purgeMany
        case (.get, "instances", 2): return .status(path[1])
        case (.get, "instances", 3) where path[2].lowercased() == "tree": return .tree(path[1])
        case (.delete, "instances", 2): return .purge(path[1])
        case (.get, "instances", 3) where path[2].lowercased() == "statuses": return .statuses(path[1])
        case (.post, "instances", 3):
            switch path[2].lowercased() {
            case "terminate": return .terminate(path[1])
            case "suspend": return .suspend(path[1])
            case "resume": return .resume(path[1])
            case "rewind": return .rewind(path[1])
            case "resend": return .resend(path[1])
            case "restart": return .restart(path[1])
            default: return nil
            }
        case (.post, "instances", 4) where path[2].lowercased() == "raiseevent":
            return .raiseEvent(path[1], event: path[3])
        case (.get, "entities", 1): return .entities(name: nil)
        case (.get, "entities", 2): return .entities(name: path[1])
        case (.get, "entities", 3): return .entity(name: path[1], key: path[2])
        case (.post, "entities", 2): return .signal(name: path[1], key: nil)
        case (.post, "entities", 3): return .signal(name: path[1], key: path[2])
        case (.delete, "entities", 2): return .deleteEntity(name: path[1], key: nil)
        case (.delete, "entities", 3): return .deleteEntity(name: path[1], key: path[2])
        default: return nil
        }
    }

    private static func own(_ method: HTTPRequest.Method, _ path: [String]) -> Route {
        let route: Route
        switch path {
        case ["indexes"]:
            switch method {
            case .get: return .indexes
            case .post: return .addIndex
            case .delete: return .removeIndex
            default: return .wrongVerb(allowed: "GET, POST, DELETE")
            }
        case ["counts"]: route = .counts
        case [], [""]: route = .page
        case _ where path.count == 2 && path[0] == "assets": route = .asset(path[1])
        case ["overview"]: route = .overview
        case ["health"]: route = .health
        case ["cluster"]: route = .cluster
        case ["orchestrators"]: route = .orchestrators
        case ["openapi.json"]: route = .document
        case ["status-stream"]: route = .stream
        default: return .unknown
        }
        return method == .get ? route : .wrongVerb(allowed: "GET")
    }
}
