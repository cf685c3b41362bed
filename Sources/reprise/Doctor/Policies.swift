/// Policies that operators apply to queues, which cannot be seen over AMQP.
enum Policies {
    /// Shows which policy applies to which queue, and what it does there. RabbitMQ 3.10 has no single command for it.
    static let look = "rabbitmqctl list_queues name policy, list_policies and list_operator_policies"
}
