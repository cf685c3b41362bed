import HTTPTypes
import Hummingbird
import RepriseKernel
import RepriseStatus

/// A request that ends with an error: its status, and the sentence for its sender.
struct Problem: Error {
    var status: HTTPResponse.Status
    var message: String
    /// A code for programs, when a partition has refused.
    var code: Rejection.Code?
    var headers: HTTPFields

    init(
        _ status: HTTPResponse.Status,
        _ message: String,
        code: Rejection.Code? = nil,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers
    }

    /// A path contains untrusted text: only enough of it to say what is meant.
    static func noInstance(_ id: String) -> Problem {
        Problem(.notFound, "There is no instance '\(id.prefix(260))'", code: .unknownInstance)
    }

    static let readOnly = Problem(.forbidden, "This gateway is read-only: it shows instances, and accepts no commands")

    static func bad(_ name: InvalidName) -> Problem { Problem(.badRequest, Self.sentence(name.reason)) }

    /// `{"Message":"…","ExceptionMessage":"…"}`: clients choke on anything that is not JSON.
    var response: Response { .json(status, body.bytes, headers: headers) }

    /// The sentence twice: some clients look for it under one name, some under the other.
    var body: JSONObject {
        var body = JSONObject()
        body.add("Message", message)
        body.add("ExceptionMessage", message)
        if let code { body.add("ExceptionType", code.rawValue) }
        return body
    }

    static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

extension Problem {
    /// The value of the parameter `name` cannot be read.
    init(_ error: ExpressionError, in name: String) {
        self.init(.badRequest, "\(name) cannot be read: \(error)")
    }

    /// A search that is too slow is refused: repeated, it would be just as slow.
    init(_ error: SearchError) {
        switch error.code {
        case .busy: self = .unavailable(error.description)
        case .tooSlow, .otherOrder, .longValue: self.init(.badRequest, Self.sentence(error.description))
        }
    }

    static let retryAfterSeconds = "5"

    static func unavailable(_ reason: String) -> Problem {
        Problem(.serviceUnavailable, sentence(reason), headers: [.retryAfter: retryAfterSeconds])
    }

    /// What a partition's refusal means over HTTP.
    init(_ rejection: Rejection) {
        let message = Self.sentence(rejection.reason)
        let status: HTTPResponse.Status
        var headers: HTTPFields = [:]
        switch rejection.code {
        case .unknownInstance: status = .notFound
        case .ended: status = .gone
        case .unknownOrchestrator, .unknownEntity, .invalid: status = .badRequest
        case .alreadyExists, .alreadySuspended, .notSuspended, .notEnded, .notRewindable, .conflictingKey:
            status = .conflict
        case .notFailed: status = .preconditionFailed
        case .tooManyPending:
            status = .tooManyRequests
            headers[.retryAfter] = Self.retryAfterSeconds
        case .expired:
            status = .serviceUnavailable
            headers[.retryAfter] = Self.retryAfterSeconds
        case .tooLarge: status = .contentTooLarge
        }
        self.init(status, message, code: rejection.code, headers: headers)
    }
}

extension Response {
    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8], headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
