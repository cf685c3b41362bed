public import Foundation
public import Logging
public import RepriseKernel

/// A small piece of state with an address, changed by one operation at a time.
///
/// ```swift
/// struct Counter: Entity {
///     func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
///         switch operation.name {
///         case "add": state = (state ?? 0) + (try operation.input())
///         case "get": break
///         default: throw operation.unknown
///         }
///         return state ?? 0
///     }
/// }
/// ```
///
/// An operation is applied exactly once: its effect on the state, what it sends and its answer are one commit. It runs
/// on the partition's own thread, so it should only compute: anything that takes time belongs in an activity.
public protocol Entity: Sendable {
    /// What is kept between operations, at most 1 MiB as JSON.
    associatedtype State: Codable & Sendable
    /// What an operation returns, at most 1 MiB as JSON.
    associatedtype Output: Encodable & Sendable

    /// The name in the entity's id, compared case-insensitively. Defaults to the type's own name.
    static var name: String { get }

    /// Applies one operation.
    ///
    /// - Parameter state: nil before the first operation; set to nil, the entity is deleted.
    /// - Throws: whatever the caller should learn. The state is then unchanged, and nothing is sent.
    func perform(_ operation: EntityOperation, on state: inout State?) throws -> Output
}

extension Entity {
    /// The name of the type itself.
    public static var name: String { String(describing: Self.self) }
}

/// One operation, and what it may do besides changing the state. Valid only while the operation runs.
public struct EntityOperation {
    /// The entity that it is for.
    public let entity: EntityID
    /// As the caller wrote it.
    public let name: String
    /// The time of the turn that applies it.
    public let currentTime: Date
    /// Writes to the node's log, each line with the entity.
    public let logger: Logger
    /// True when no caller waits for the result.
    public let isSignal: Bool
    let payload: Payload
    let effects: EntityEffects

    /// Reads the input.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` when it is not a `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try PayloadCoding.decode(type, from: payload, as: "the input of '\(name)'")
    }

    /// What to throw for an unknown operation name. `delete` then deletes the entity; handle the name yourself to give
    /// it another meaning.
    public var unknown: Failure {
        Failure(
            type: Failure.Kind.unknownOperation,
            message: "the entity '\(entity.name)' has no operation '\(name)'",
            isNonRetriable: true
        )
    }

    /// Signals another entity, or this one, once this operation is committed, and not before `time`.
    public func signalEntity(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable = JSON.null,
        at time: Date? = nil
    ) throws {
        try RegisteredName.check(operation, of: "an operation's name")
        let payload = try PayloadCoding.encode(
            input,
            limit: effects.limits.bodyBytes,
            as: "the input of '\(operation)'"
        )
        let request = EntityRequest(
            .operation(name: operation, input: payload),
            due: time.map { Timestamp(rounding: $0) }
        )
        effects.add(entity.instance, .operate(request))
    }

    /// Starts an orchestration once this operation is committed.
    @discardableResult
    public func startOrchestrator<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: (any InstanceIDConvertible)? = nil
    ) throws -> InstanceID where O.Input: Encodable {
        let payload = try PayloadCoding.encode(input, limit: effects.limits.bodyBytes, as: "the input of '\(O.name)'")
        let id: InstanceID = try id?.instanceID() ?? effects.nextChild()
        effects.add(id, .start(orchestrator: O.name, input: payload))
        return id
    }
}

/// What an operation asked for, kept until it is known that it did not throw.
final class EntityEffects {
    let limits: Limits
    private let makeChild: (Int) -> InstanceID
    private var children = 0
    private(set) var messages: [SentMessage] = []

    init(limits: Limits, makeChild: @escaping (Int) -> InstanceID) {
        self.limits = limits
        self.makeChild = makeChild
    }

    func add(_ instance: InstanceID, _ action: Command.Action) {
        messages.append(SentMessage(id: TaskID(0), to: instance, action: action))
    }

    func nextChild() -> InstanceID {
        children += 1
        return makeChild(children)
    }
}

/// An entity as the engine runs it: names and payloads, no types.
package struct RegisteredEntity: Sendable {
    /// In lower case, as ids have it.
    package let name: String
    package let typeName: String
    private let perform: @Sendable (EntityOperation, Payload?) throws -> (state: Payload?, output: Payload)

    /// What an operation did.
    package struct Result {
        package var state: Payload?
        package var output: Payload
        package var messages: [SentMessage]
    }

    package init<E: Entity>(_ entity: E, limits: Limits) {
        name = E.name.lowercased()
        typeName = String(reflecting: E.self)
        perform = { operation, payload in
            var state: E.State?
            if let payload {
                state = try PayloadCoding.decode(E.State.self, from: payload, as: "the state of \(operation.entity)")
            }
            let output: Payload
            do {
                let value = try entity.perform(operation, on: &state)
                output = try PayloadCoding.encode(
                    value,
                    limit: limits.bodyBytes,
                    as: "what '\(operation.name)' returned"
                )
            } catch let failure as Failure
                where failure.type == Failure.Kind.unknownOperation && operation.name.lowercased() == "delete"
            {
                return (nil, .null)
            }
            let encoded = try state.map {
                try PayloadCoding.encode($0, limit: limits.bodyBytes, as: "the state of \(operation.entity)")
            }
            return (encoded, output)
        }
    }

    /// - Parameter makeChild: the id of the nth orchestration that the operation starts without naming it.
    /// - Throws: ``Failure``.
    package func perform(
        _ name: String,
        _ input: Payload,
        on entity: EntityID,
        state: Payload?,
        isSignal: Bool,
        at time: Timestamp,
        limits: Limits,
        logger: Logger,
        makeChild: @escaping (Int) -> InstanceID
    ) throws(Failure) -> Result {
        var logger = logger
        logger[metadataKey: "entity"] = "\(entity)"
        let effects = EntityEffects(limits: limits, makeChild: makeChild)
        let operation = EntityOperation(
            entity: entity,
            name: name,
            currentTime: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000),
            logger: logger,
            isSignal: isSignal,
            payload: input,
            effects: effects
        )
        do {
            let (state, output) = try perform(operation, state)
            return Result(state: state, output: output, messages: effects.messages)
        } catch {
            throw Failure(of: error)
        }
    }
}
