import Reprise
package import RepriseKernel

/// A request to the gateway, before it is sent.
package struct GatewayRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    /// What the path is relative to.
    package enum Root: Sendable {
        /// The base of Durable Functions' own routes.
        case compatible
        /// The gateway's own routes, beside that base.
        case own
    }

    package var method: Method
    package var root = Root.compatible
    /// Not escaped.
    package var path: [String]
    package var query: [(name: String, value: String)] = []
    package var headers: [String: String] = [:]
    package var body: Payload?
    /// False when a second attempt would hide what the first has done.
    package var isRepeatable = true

    package init(_ method: Method, _ path: [String]) {
        self.method = method
        self.path = path
    }

    init(_ method: Method, _ path: String...) { self.init(method, path) }
}

/// What the gateway answered.
package struct GatewayAnswer: Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    var retryAfter: Duration? {
        headers["retry-after"].flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 3_600)) : nil }
    }

    /// The body as JSON.
    func json() throws(RepriseError) -> JSONView {
        do {
            // Payloads may nest to their full depth within the answer's own levels.
            return try JSONView(checking: body, maximumDepth: 2 * JSONCheck.maximumDepth)
        } catch {
            throw unexpected("its body is \(error)")
        }
    }

    func unexpected(_ why: String) -> RepriseError {
        RepriseError(
            .unexpectedAnswer,
            "The answer (\(status)) cannot be understood: \(why). Is this the address of a Reprise gateway?",
            httpStatus: status
        )
    }
}
