/// What operators lay on queues, and nobody sees over AMQP.
enum Policies {
    /// Say which policy lies on which queue, and what it does there. RabbitMQ 3.10 has no one command for it.
    static let look = "rabbitmqctl list_queues name policy, list_policies and list_operator_policies"
}
