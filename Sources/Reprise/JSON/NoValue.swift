/// What a function without a result returns: null as JSON, in history and on the wire.
///
/// You need not write it. An orchestrator or an activity whose `run` returns nothing has it as its output:
///
/// ```swift
/// struct Refund: Activity {
///     func run(_ context: ActivityContext, input payment: String) async throws {
///         print("refunded \(payment)")
///     }
/// }
/// ```
public struct NoValue: Codable, Sendable, Hashable {
    /// The only one there is.
    public init() {}

    /// Whatever a worker in another language answers counts as nothing.
    public init(from decoder: any Decoder) throws {}

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}
