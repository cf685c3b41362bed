import HTTPTypes
import Hummingbird
import NIOCore
import RepriseKernel

extension Request {
    /// Whether the body is said to be JSON, with whatever parameters.
    var saysJSON: Bool {
        let type = headers[.contentType] ?? ""
        return type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() == "application/json"
    }

    var declaredLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// The whole body: `maximum` bytes pass, one more ends the request with 413, without keeping what came.
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
        // A connection that broke off must not start anything with the half that came.
        if let declaredLength, bytes.count != declaredLength { throw Problem.cutOff }
        return bytes
    }

    /// The body as the JSON value it is; nothing means null.
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
    /// Said to nobody, most likely: who sent half a request is gone.
    static let cutOff = Problem(.badRequest, "The request ended before its body did", headers: [.connection: "close"])

    /// The connection closes behind it: the rest of the body is of no use to anybody.
    static func tooLarge(_ maximum: Int) -> Problem {
        Problem(.contentTooLarge, "A request body may have \(maximum) bytes", headers: [.connection: "close"])
    }
}
