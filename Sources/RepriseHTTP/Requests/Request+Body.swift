import HTTPTypes
import Hummingbird
import NIOCore
import RepriseKernel

extension Request {
    /// Whether the body is declared as JSON, with any parameters.
    var saysJSON: Bool {
        let type = headers[.contentType] ?? ""
        return type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() == "application/json"
    }

    var declaredLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// The whole body: up to `maximum` bytes; one more ends the request with 413, without keeping what came.
    func wholeBody(upTo maximum: Int) async throws -> [UInt8] {
        if let declaredLength, declaredLength > maximum { throw Problem.tooLarge(maximum) }
        var bytes: [UInt8] = []
        if let declaredLength { bytes.reserveCapacity(declaredLength) }
        do {
            for try await chunk in body {
                guard bytes.count + chunk.readableBytes <= maximum else { throw Problem.tooLarge(maximum) }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
        } catch is ConnectionGuard.BrokenRequest {
            throw Problem.cutOff
        }
        // A broken connection must not start anything with half a body.
        if let declaredLength, bytes.count != declaredLength { throw Problem.cutOff }
        return bytes
    }

    /// The body as a JSON value; an empty body means null.
    func jsonBody(upTo maximum: Int) async throws -> Payload {
        let bytes = try await wholeBody(upTo: maximum)
        do {
            return try Payload(checking: bytes)
        } catch {
            throw Problem(.badRequest, "Invalid JSON content")
        }
    }
}

extension Problem {
    /// Probably no one reads this: a client that sent half a request is gone.
    static let cutOff = Problem(.badRequest, "The request ended before its body did", headers: [.connection: "close"])

    /// The connection closes after it: the rest of the body is useless.
    static func tooLarge(_ maximum: Int) -> Problem {
        Problem(.contentTooLarge, "A request body may have at most \(maximum) bytes", headers: [.connection: "close"])
    }
}
