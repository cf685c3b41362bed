import Foundation
import RepriseKernel

/// A case of a ``TypedEntity``'s operations as it is sent: `{"put":{"_0":3}}`, as Swift writes it, is the name `put` and the
/// input `3`.
struct NamedOperation {
    var name: String
    var input: JSON

    init(_ operation: EntityOperation) throws {
        name = operation.name
        input = JSON(JSONView(operation.payload))
    }

    /// - Throws: ``Failure`` of type `UnreadablePayload` for a value that is not written as synthesized code writes a case.
    init(_ operation: some Encodable) throws {
        switch try JSON(operation) {
        case .string(let name): (self.name, input) = (name, .null)
        case .object(let members) where members.count == 1:
            name = members.names[0]
            let values = members[name]?.object ?? JSON.Object()
            input = values.count == 0 ? .null : values.names == ["_0"] ? values["_0"] ?? .null : .object(values)
        default:
            throw Failure(
                type: Failure.Kind.unreadable,
                message: "\(type(of: operation)) is not an enumeration whose Codable is synthesized",
                isNonRetriable: true
            )
        }
    }

    /// - Throws: ``EntityOperation/unknown`` for a name that is no case, ``Failure`` for an input that is not its value.
    func value<Operation: Codable>(for operation: EntityOperation) throws -> Operation {
        if let value = try? JSON.string(name).decoded(as: Operation.self) { return value }
        guard isCase(of: Operation.self) else { throw operation.unknown }
        if case .object = input, let value = try? written(input).decoded(as: Operation.self), try isTold(by: value) {
            return value
        }
        let payload = try PayloadCoding.encode(written(input.isNull ? [:] : ["_0": input]), as: "the operation")
        return try PayloadCoding.decode(Operation.self, from: payload, as: "the operation '\(name)'")
    }

    private func written(_ value: JSON) -> JSON { .object([name: value]) }

    /// Whether a case whose labels were looked for in the input found any: one whose only value is an optional structure
    /// finds none there, and is not missing any either.
    private func isTold(by value: some Encodable) throws -> Bool {
        if case .object = try NamedOperation(value).input { return true }
        return input.object?.count == 0
    }

    /// Synthesized code refuses the name of no case at the top, and what is wrong about a value further down.
    private func isCase<Operation: Decodable>(of type: Operation.Type) -> Bool {
        do {
            _ = try JSONDecoder().decode(type, from: try JSONEncoder().encode(written([:])))
            return true
        } catch DecodingError.typeMismatch(_, let context) where context.codingPath.isEmpty {
            return false
        } catch {
            return true
        }
    }
}
