/// How long a worker waits for what may never come.
struct ActivityPatience: Sendable {
    /// For a queue that is not the hub's, and that there is none of: nobody makes it again.
    var strangers = Duration.seconds(30)
    /// For an inbox of the hub, which its nodes make again where they find it gone; and for a queue that is there, and
    /// takes nothing.
    var queues = Duration.seconds(600)
}
