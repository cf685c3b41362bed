package import RepriseKernel

/// Several activities that share what they need, registered in one word.
///
/// ```swift
/// struct Bank: ActivityContainer {
///     let connections: BankConnections
///
///     var activities: [any Activity] { [Charge(bank: self), Refund(bank: self)] }
///
///     struct Charge: Activity {
///         let bank: Bank
///
///         func run(_ context: ActivityContext, input order: Order) async throws -> String {
///             try await bank.connections.charge(order, key: context.idempotencyKey)
///         }
///     }
///
///     struct Refund: Activity {
///         let bank: Bank
///
///         func run(_ context: ActivityContext, input payment: String) async throws {
///             try await bank.connections.refund(payment)
///         }
///     }
/// }
/// ```
/// A program lists it where it lists activities: `activities: [SendMail(), Bank(connections: connections)]`. Each of its
/// activities keeps a name, types and ``Activity/options`` of its own, and is called by its type: `Bank.Charge.self`.
public protocol ActivityContainer: Sendable {
    /// What it consists of; asked once, when a program registers it.
    var activities: [any Activity] { get }
}

extension Activity {
    /// The activity itself, alone.
    public var activities: [any Activity] { [self] }
}

extension RegisteredActivity {
    /// Every activity of the containers, in their order.
    package static func all(of containers: [any ActivityContainer], limits: Limits) -> [RegisteredActivity] {
        containers.flatMap { container in container.activities.map { RegisteredActivity($0, limits: limits) } }
    }
}
