import HTTPTypes
import Hummingbird
import RepriseKernel

/// One operation at one address of the gateway: how to request it, what is read from the request, what is answered, and
/// by which handler. Matching, the OpenAPI document and the parameter check are all based on it.
struct Endpoint: Sendable {
    /// What the caller does to the hub: what they may be granted, or refused.
    enum Access: Sendable, CaseIterable {
        /// Looks on, and changes nothing.
        case read
        /// Starts orchestrations.
        case start
        /// Tells running code something: an event, an operation of an entity.
        case raise
        /// Steers one instance from outside of its code, up to its end and removal.
        case manage
        /// Changes what concerns the whole hub: removes many instances, adds and removes indexes.
        case administer
    }

    /// Its id in the OpenAPI document.
    let id: String
    let method: HTTPRequest.Method
    let path: EndpointPath
    /// What a gateway that is read-only refuses is all but `read`.
    let access: Access
    /// Nil for the files of the page, which only the page requests.
    let description: OperationDescription?
    let answer: @Sendable (Gateway, Call) async throws -> Response

    init(
        _ id: String,
        _ method: HTTPRequest.Method,
        _ path: EndpointPath,
        access: Access,
        _ description: OperationDescription?,
        _ answer: @escaping @Sendable (Gateway, Call) async throws -> Response
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.access = access
        self.description = description
        self.answer = answer
    }

    /// Whether an unknown parameter is an error: people and monitors add all kinds of parameters to endpoints that take
    /// none.
    var checksQuery: Bool { description?.parameters.isEmpty == false }

    /// The names of its query parameters.
    var queryParameters: Set<String> { Self.queryParametersByID[id] ?? [] }

    private static let queryParametersByID: [String: Set<String>] = Dictionary(
        uniqueKeysWithValues: all.map { endpoint in
            let names = (endpoint.description?.parameters ?? []).compactMap { OpenAPIComponents.queryParameters[$0] }
            return (endpoint.id, Set(names))
        }
    )
}

/// The path of an endpoint: `~/instances/{instanceId}` under the base of Durable Functions' API, or `/counts` beside
/// it. Text in braces is a parameter.
struct EndpointPath: Sendable, ExpressibleByStringLiteral {
    static let base = "/runtime/webhooks/durabletask"
    private static let baseSegments = ["runtime", "webhooks", "durabletask"]

    private enum Segment: Sendable {
        case literal(String)
        case parameter(String)
    }

    /// As in the document.
    let text: String
    private let isCompatible: Bool
    private let segments: [Segment]

    init(stringLiteral pattern: String) {
        isCompatible = pattern.hasPrefix("~")
        text = isCompatible ? Self.base + pattern.dropFirst() : pattern
        segments = pattern.split(separator: "/").filter { $0 != "~" }.map { segment in
            segment.hasPrefix("{") ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    /// The names of its parameters, in order.
    var parameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }

    /// The values of its parameters, when `address` is this.
    func match(_ address: Address) -> [String: String]? {
        guard address.isCompatible == isCompatible, address.segments.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, value) in zip(segments, address.segments) {
            switch segment {
            // The reference ignores the case of its own path segments.
            case .literal(let word):
                guard isCompatible ? word.lowercased() == value.lowercased() : word == value else { return nil }
            case .parameter(let name): values[name] = value
            }
        }
        return values
    }

    /// The decoded segments of a request's path.
    struct Address {
        let isCompatible: Bool
        let segments: [String]

        /// Nil for what is not one of our addresses, whatever follows: under the base no segment is empty.
        init?(_ path: [String]) {
            isCompatible = path.prefix(3).map { $0.lowercased() } == EndpointPath.baseSegments
            if isCompatible {
                segments = Array(path.dropFirst(3))
                guard !segments.contains("") else { return nil }
            } else {
                segments = path == [""] ? [] : path
            }
        }
    }
}

/// What a request asks for.
enum EndpointMatch {
    case found(Endpoint, [String: String])
    /// Answered as the reference answers what it does not know, including wrong verbs.
    case unknown
    /// One of our own addresses, requested with a verb that it does not support.
    case wrongVerb(allowed: String)
    /// The path is not text.
    case illegible

    init(_ method: HTTPRequest.Method, _ segments: [String?]) {
        let path = segments.compactMap { $0 }
        guard path.count == segments.count else {
            self = .illegible
            return
        }
        guard let address = EndpointPath.Address(path) else {
            self = .unknown
            return
        }
        var others: [String] = []
        for endpoint in Endpoint.all {
            guard let values = endpoint.path.match(address) else { continue }
            if endpoint.method == method {
                self = .found(endpoint, values)
                return
            }
            others.append(endpoint.method.rawValue)
        }
        self = others.isEmpty || address.isCompatible ? .unknown : .wrongVerb(allowed: others.joined(separator: ", "))
    }
}
