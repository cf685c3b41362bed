import Foundation
package import RepriseKernel

/// Turns Swift values into payloads and back: sorted keys, ISO 8601 dates, no NaN and no infinities. Values of type
/// ``JSON`` pass through as they are, wherever they stand.
package enum PayloadCoding {
    private static func written(_ value: some Encodable) throws -> [UInt8] {
        try PayloadValues.encoding { values in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .custom { date, encoder in try PayloadDates.write(date, to: encoder) }
            encoder.nonConformingFloatEncodingStrategy = .throw
            encoder.userInfo[.payloadValues] = values
            return Array(try encoder.encode(value))
        }
    }

    /// A number that Swift's decoder cannot hold, or half a surrogate pair, affects only a caller who asks for that
    /// very value: the half then reads as U+FFFD.
    private static func read<Value: Decodable>(_ type: Value.Type, _ payload: Payload) throws -> Value {
        let readable = payload.withoutSurrogateHalves
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in try PayloadDates.read(from: decoder) }
        decoder.userInfo[.payloadSource] = PayloadSource(readable)
        return try decoder.decode(type, from: Data(readable.bytes))
    }

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
            return Payload(trusted: try written(value))
        } catch {
            throw Failure(
                type: Failure.Kind.unreadable,
                message: "\(what) cannot be written as JSON: \(readable(error))",
                isNonRetriable: true
            )
        }
    }

    /// Reads a value. Some clients encode twice: a payload that is a string holding the JSON of a `Value` (a number, a
    /// boolean, an object) is read too. A `String` is taken as it is.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from payload: Payload,
        as what: String
    ) throws(Failure) -> Value {
        do {
            return try read(type, payload)
        } catch {
            if payload.bytes.first == UInt8(ascii: "\""),
                let inner = try? read(String.self, payload),
                let value = try? read(type, Payload(trusted: Array(inner.utf8)))
            {
                return value
            }
            throw Failure(
                type: Failure.Kind.unreadable,
                message: "\(what) is not a \(Value.self): \(numberBeyond(error, JSONView(payload)) ?? readable(error))",
                isNonRetriable: true
            )
        }
    }

    /// For a number that no `Double` can hold, Swift's decoder says only that the whole is not valid JSON, not where.
    private static func numberBeyond(_ error: any Error, _ view: JSONView) -> String? {
        guard case DecodingError.dataCorrupted(let context) = error, context.codingPath.isEmpty else { return nil }
        return numberBeyond(JSON(view), at: []).map { number, path in
            let place = path.isEmpty ? "at the top" : "at \(path.joined(separator: "."))"
            return "the number \(number.prefix(60)) is beyond what a Double holds, \(place)"
        }
    }

    private static func numberBeyond(_ value: JSON, at path: [String]) -> (number: String, path: [String])? {
        switch value {
        case .number(let number): number.double.isFinite ? nil : (number.text, path)
        case .array(let elements):
            elements.enumerated().lazy.compactMap { numberBeyond($1, at: path + ["\($0)"]) }.first
        case .object(let members): members.lazy.compactMap { numberBeyond($1, at: path + [$0]) }.first { _ in true }
        case .null, .bool, .integer, .string: nil
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
