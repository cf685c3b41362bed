public import Foundation
import Reprise
public import RepriseKernel

/// One change of an instance, as its observers hear of it: lifecycle or custom status.
public struct StatusChange: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It is to begin later.
        case scheduled
        case started
        /// A new generation began, with another input.
        case continuedAsNew
        case customStatusSet
        case completed
        case failed
        case terminated
        case suspended
        case resumed
        case rewound
        case purged
        /// An entity is another after an operation.
        case entityChanged
    }

    public let kind: Kind
    /// The simulated time of it.
    public let time: Date
    /// Why, for a failure.
    public let failure: Failure?
    private let payload: Payload

    init(_ message: StatusMessage) {
        kind = Kind(message.kind)
        time = message.time.date
        failure = message.failure
        payload = message.payload
    }

    /// What came with it: the input, the custom status, the output, the reason, the entity's state.
    ///
    /// - Throws: ``TestHubError`` with the code `unreadablePayload` when it is no `Value`.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(TestHubError) -> Value {
        try payload.decoded(as: type, "what came with '\(kind)'")
    }

    /// The kind and, but for null, the JSON that came with it: `customStatusSet {"discount":25}`.
    public var description: String { payload.isNull ? kind.rawValue : "\(kind.rawValue) \(payload.text)" }
}

extension StatusChange.Kind {
    init(_ kind: StatusMessage.Kind) {
        self =
            switch kind {
            case .scheduled: .scheduled
            case .started: .started
            case .continuedAsNew: .continuedAsNew
            case .customStatusSet: .customStatusSet
            case .completed: .completed
            case .failed: .failed
            case .terminated: .terminated
            case .suspended: .suspended
            case .resumed: .resumed
            case .rewound: .rewound
            case .purged: .purged
            case .entityChanged: .entityChanged
            }
    }
}
