import HTTPTypes
import Hummingbird
import RepriseKernel
import RepriseStatus

/// A request, with what several routes read from it.
struct Call {
    let request: Request
    let target: RequestTarget
    /// Scheme, host and port under which the client reached us: `http://127.0.0.1:7071`.
    let origin: String
    let preferredWait: PreferredWait?
    let connection: ClientConnection
    /// The parameters of the path, by the names that its endpoint gives them.
    var path: [String: String] = [:]

    init(request: Request, over connection: ClientConnection, configuration: HTTPConfiguration) {
        self.request = request
        self.connection = connection
        target = RequestTarget(request.head.path ?? "/")
        preferredWait = PreferredWait(request.headers[values: .prefer], maximum: configuration.maximumWait)
        var scheme = "http"
        var authority = request.head.authority
        if configuration.followsForwardedHost,
            let host = request.headers[.forwardedHost]?.split(separator: ",").first?.filter({ $0 != " " }),
            let proto = request.headers[.forwardedProto]?.split(separator: ",").first?.filter({ $0 != " " })
                .lowercased(),
            ["http", "https"].contains(proto)
        {
            scheme = proto
            authority = host
        }
        let isLegible = authority?.utf8.allSatisfy(Self.isHostCharacter) == true && authority?.isEmpty == false
        let fallback = "\(configuration.host):\(configuration.port)"
        origin = "\(scheme)://\(isLegible ? authority ?? fallback : fallback)"
    }

    /// A path parameter; each one that the endpoint names has a value.
    func value(_ name: String) -> String { path[name] ?? "" }

    /// The address of the request itself.
    var address: String { origin + target.raw }

    /// Whether the command is for the sub-orchestrations too.
    var isRecursive: Bool { target.query.bool("recursive", default: false) }

    /// How long canceled code may clean up; nil when its own type says so.
    var gracePeriod: Duration? {
        get throws(Problem) {
            guard let text = target.query["gracePeriod"], !text.isEmpty else { return nil }
            guard let seconds = Double(text), seconds.isFinite, abs(seconds) <= 1e9 else {
                throw Problem(.badRequest, "The value of 'gracePeriod' is not a number of seconds")
            }
            let period = Duration.seconds(seconds)
            if let refusal = Cancellation.refusal(of: period) { throw Problem(.badRequest, refusal.reason) }
            return period
        }
    }

    /// What makes a repeated command the same command.
    var idempotencyKey: String? {
        get throws(Problem) {
            guard let key = request.headers[.idempotencyKey] else { return nil }
            guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw Problem(.badRequest, "An Idempotency-Key must have 1 to 255 visible ASCII characters")
            }
            return key
        }
    }

    /// The minimum version of an answer.
    var minimumVersion: Cursor? {
        get throws(Problem) {
            guard let text = target.query["minVersion"], !text.isEmpty else { return nil }
            guard let version = Cursor(text) else {
                throw Problem(.badRequest, "The value of 'minVersion' is not a version")
            }
            return version
        }
    }

    /// Where a list continues.
    var continuationToken: ContinuationToken? {
        get throws(Problem) {
            guard let text = request.headers[.continuationToken], !text.isEmpty else { return nil }
            guard let token = ContinuationToken(text) else {
                throw Problem(.badRequest, "The continuation token is not one of ours")
            }
            return token
        }
    }

    /// The `reason` of the query. Text that is JSON is taken as the value it is, as the reference reads it back.
    var reason: Payload { target.query.json("reason") ?? .null }

    /// A page of another site can send us a command from the browser of someone who can reach us; such a command is
    /// refused.
    func checkOrigin(_ configuration: HTTPConfiguration) throws(Problem) {
        guard request.method != .get, let from = request.headers[.origin] else { return }
        let host = from.firstRange(of: "://").map { String(from[$0.upperBound...]) }
        guard host.map({ $0 == request.head.authority || origin.hasSuffix("://" + $0) }) != true,
            !configuration.allowedOrigins.contains(from)
        else { return }
        throw Problem(.forbidden, "Pages from \(from.prefix(120)) may not send commands here")
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D, 0x5F: true
        default: false
        }
    }
}

extension QueryParameters {
    /// A value: text that is JSON is taken as the value it is, any other as the text. Nil where there is none.
    func json(_ name: String) -> Payload? {
        guard let text = self[name] else { return nil }
        let bytes = Array(text.utf8)
        return bytes.isEmpty ? .string("") : (try? Payload(checking: bytes)) ?? .string(text)
    }
}

extension HTTPField.Name {
    static let forwardedHost = Self("X-Forwarded-Host")!
    static let forwardedProto = Self("X-Forwarded-Proto")!
    static let continuationToken = Self("x-ms-continuation-token")!
    static let idempotencyKey = Self("Idempotency-Key")!
}
