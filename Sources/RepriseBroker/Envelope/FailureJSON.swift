import Foundation
import RepriseKernel

/// Failures as JSON: `{"type", "message", "details", "nonRetriable", "cause"}`.
enum FailureJSON {
    /// A chain of causes longer than this is cut.
    private static let maximumCauses = 32

    static func encode(_ failure: Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        write(failure, causes: maximumCauses, to: &bytes)
        return bytes
    }

    private static func write(_ failure: Failure, causes: Int, to bytes: inout [UInt8]) {
        bytes += Array(#"{"type":"#.utf8) + Payload.string(failure.type).bytes
        bytes += Array(#","message":"#.utf8) + Payload.string(failure.message).bytes
        if let details = failure.details { bytes += Array(#","details":"#.utf8) + Payload.string(details).bytes }
        if failure.isNonRetriable { bytes += Array(#","nonRetriable":true"#.utf8) }
        if causes > 0, let cause = failure.cause {
            bytes += Array(#","cause":"#.utf8)
            write(cause, causes: causes - 1, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Reads what a worker in any language wrote, as far as possible: a failure must not be lost because its
    /// description is malformed. The payload has been checked to be JSON.
    static func decode(_ payload: Payload, otherwise type: String) -> Failure {
        let data = Data(payload.bytes)
        if let body = try? JSONDecoder().decode(Body.self, from: data) {
            return body.failure(otherwise: type, causes: maximumCauses)
        }
        if let text = try? JSONDecoder().decode(String.self, from: data) { return Failure(type: type, message: text) }
        return Failure(type: type, message: payload.isNull ? "no reason was given" : payload.text)
    }

    private struct Body: Decodable {
        let type: String?
        let message: String?
        let details: String?
        let nonRetriable: Bool?
        let cause: [Body]

        private enum Key: CodingKey { case type, message, details, nonRetriable, cause }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            type = try? values.decode(String.self, forKey: .type)
            message = try? values.decode(String.self, forKey: .message)
            details = try? values.decode(String.self, forKey: .details)
            nonRetriable = try? values.decode(Bool.self, forKey: .nonRetriable)
            cause = (try? values.decode(Body.self, forKey: .cause)).map { [$0] } ?? []
        }

        func failure(otherwise type: String, causes: Int) -> Failure {
            Failure(
                type: self.type ?? type,
                message: message ?? "no reason was given",
                details: details,
                isNonRetriable: nonRetriable ?? false,
                cause: causes > 0 ? cause.first?.failure(otherwise: type, causes: causes - 1) : nil
            )
        }
    }
}
