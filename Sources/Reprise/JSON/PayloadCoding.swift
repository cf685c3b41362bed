import Foundation
package import RepriseKernel

/// Turns Swift values into payloads and back: sorted keys, ISO 8601 dates, no NaN and no infinities.
package enum PayloadCoding {
    // Configured once and never changed after, which is what makes sharing them safe.
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .throw
        return encoder
    }()

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }()

    /// - Throws: ``Failure`` of type `PayloadTooLarge` or `UnreadablePayload`, naming `what`.
    package static func encode(_ value: some Encodable, limit: Int, as what: String) throws(Failure) -> Payload {
        let payload = try encode(value, as: what)
        guard payload.bytes.count <= limit else {
            throw Failure(
                type: Failure.Kind.tooLarge,
                message: "\(what) has \(payload.bytes.count) bytes of JSON, the limit is \(limit)",
                isNonRetriable: true
            )
        }
        return payload
    }

    package static func encode(_ value: some Encodable, as what: String) throws(Failure) -> Payload {
        do {
            return Payload(trusted: Array(try encoder.encode(value)))
        } catch {
            throw Failure(
                type: Failure.Kind.unreadable,
                message: "\(what) cannot be written as JSON: \(readable(error))",
                isNonRetriable: true
            )
        }
    }

    /// Reads a value. Some clients encode twice: where the payload is a string that holds the JSON of a `Value`
    /// (a number, a boolean, an object), that is read too. A `String` is taken as it stands.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from payload: Payload,
        as what: String
    ) throws(Failure) -> Value {
        do {
            return try decoder.decode(type, from: Data(payload.bytes))
        } catch {
            if payload.bytes.first == UInt8(ascii: "\""),
                let inner = try? decoder.decode(String.self, from: Data(payload.bytes)),
                let value = try? decoder.decode(type, from: Data(inner.utf8))
            {
                return value
            }
            throw Failure(
                type: Failure.Kind.unreadable,
                message: "\(what) is not a \(Value.self): \(readable(error))",
                isNonRetriable: true
            )
        }
    }

    /// Where and what, without the payload's own text.
    private static func readable(_ error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.isEmpty ? "at the top" : "at \(keys.map(\.stringValue).joined(separator: "."))"
        }
        return switch error {
        case DecodingError.typeMismatch(let type, let context): "expected \(type) \(path(context.codingPath))"
        case DecodingError.valueNotFound(let type, let context):
            "expected \(type), found null \(path(context.codingPath))"
        case DecodingError.keyNotFound(let key, let context): "no '\(key.stringValue)' \(path(context.codingPath))"
        case DecodingError.dataCorrupted(let context): "\(context.debugDescription) \(path(context.codingPath))"
        case EncodingError.invalidValue(_, let context): "\(context.debugDescription) \(path(context.codingPath))"
        default: "\(error)"
        }
    }
}
