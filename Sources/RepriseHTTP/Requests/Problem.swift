import HTTPTypes
import Hummingbird
import RepriseKernel

/// A request that ends with an error: its status, and the sentence for its sender if there is one.
struct Problem: Error {
    var status: HTTPResponse.Status
    var message: String?
    var headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ message: String?, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// Nothing is there, and there is nothing to say about it.
    static let notFound = Problem(.notFound, nil)

    static func bad(_ name: InvalidName) -> Problem { Problem(.badRequest, Self.sentence(name.reason)) }

    /// `{"Message":"…"}`, or nothing at all: clients choke on anything that is not JSON.
    var response: Response {
        guard let message else { return Response(status: status, headers: headers) }
        var body = JSONObject()
        body.add("Message", message)
        return .json(status, body.bytes, headers: headers)
    }

    static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

extension Problem {
    static let retryAfterSeconds = "5"

    static func unavailable(_ reason: String) -> Problem {
        Problem(.serviceUnavailable, sentence(reason), headers: [.retryAfter: retryAfterSeconds])
    }

    /// What a partition's refusal means over HTTP.
    init(_ rejection: Rejection) {
        let message = Self.sentence(rejection.reason)
        switch rejection.code {
        case .unknownInstance: self = .notFound
        case .ended: self.init(.gone, nil)
        case .unknownOrchestrator, .unknownEntity, .invalid: self.init(.badRequest, message)
        case .alreadyExists, .alreadySuspended, .notSuspended, .notEnded, .conflictingKey: self.init(.conflict, message)
        case .notRewindable: self.init(.conflict, message)
        case .notFailed: self.init(.preconditionFailed, message)
        case .tooManyPending:
            self.init(.tooManyRequests, message, headers: [.retryAfter: Self.retryAfterSeconds])
        case .expired: self = .unavailable(rejection.reason)
        case .tooLarge: self.init(.contentTooLarge, message)
        }
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
