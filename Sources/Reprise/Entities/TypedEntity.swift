public import RepriseKernel

/// An entity whose operations are a type, so that the compiler checks them where they are called and where they are
/// performed.
///
/// ```swift
/// struct Shelf: TypedEntity {
///     enum Operation: Codable {
///         case put(Int)
///         case take(Int)
///         case look
///     }
///
///     func perform(_ operation: Operation, on count: inout Int?, as call: EntityOperation) throws -> Int {
///         switch operation {
///         case .put(let more): count = (count ?? 0) + more
///         case .take(let fewer): count = (count ?? 0) - fewer
///         case .look: break
///         }
///         return count ?? 0
///     }
/// }
/// ```
/// Callers write `try await context.callEntity(Shelf.self, "a", .put(3))`. In messages and histories an operation is what it
/// is for every entity, a name and an input: the name of the case, and its value. A case with a label or with several values
/// has an object for its input. So `reprise entity signal @shelf@a put 3` does the same.
public protocol TypedEntity: Entity where Output: Decodable {
    /// What is kept between operations, at most 1 MiB as JSON.
    associatedtype State
    /// What every operation returns, at most 1 MiB as JSON.
    associatedtype Output
    /// What it can do: an enumeration whose `Codable` is synthesized. A case may be added at any time; one that is renamed
    /// is unknown to whoever still sends the old name.
    associatedtype Operation: Codable & Sendable

    /// Applies one operation.
    ///
    /// - Parameters:
    ///   - state: nil before the first operation; set to nil, the entity is deleted.
    ///   - call: the time, the logger, and what an operation may do besides changing the state.
    /// - Throws: whatever the caller should learn. The state is then unchanged, and nothing is sent.
    func perform(_ operation: Operation, on state: inout State?, as call: EntityOperation) throws -> Output
}

extension TypedEntity {
    /// Reads the operation, and applies it.
    ///
    /// - Throws: ``EntityOperation/unknown`` for a name that is no case; ``Failure`` of type `UnreadablePayload` for an input
    ///   that is not the case's value; what the operation throws.
    public func perform(_ operation: EntityOperation, on state: inout State?) throws -> Output {
        try perform(try NamedOperation(operation).value(for: operation), on: &state, as: operation)
    }
}

extension Entity {
    /// The id of the entity with a key.
    ///
    /// - Throws: ``InvalidName`` for a key that breaks the rules of ids.
    public static func id(_ key: String = "") throws -> EntityID { try EntityID(name, key) }
}
