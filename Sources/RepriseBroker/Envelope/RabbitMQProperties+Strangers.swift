import RabbitMQ
import RepriseKernel

extension RabbitMQProperties {
    /// Anyone can publish to the command exchange: these are the properties that a command from there must not set.
    func checkStranger() throws(Rejection) {
        // Bytes that are not UTF-8 have grown when they were read: our own copy could not carry them on.
        for (text, what) in [(messageID, "message_id"), (replyTo, "reply_to")] {
            guard let size = text?.utf8.count, size > Self.longestShortString else { continue }
            throw Rejection(.invalid, "the \(what) has \(size) bytes in UTF-8; AMQP allows \(Self.longestShortString)")
        }
        // They speak for an orchestration: they would free locks that it holds, or answer tasks that it waits for.
        for header in [Header.caller, Header.callerToken, Header.lock, Header.unlock, Header.section, Header.takesUp]
        where headers[header] != nil {
            throw Rejection(.invalid, "the header '\(header)' may only be set between partitions")
        }
    }
}
