import CRabbitMQ
import Synchronization

/// What a connection's handles and its thread share: its mailbox.
final class ConnectionCore: Sendable {
    typealias Completion = CheckedContinuation<Result<Reply, RabbitMQError>, Never>

    /// A command for the thread.
    enum Command: Sendable {
        case call(ChannelCore, Request, Completion)
        /// The channel's inbox has something.
        case ready(ChannelCore)
        /// The channel's last handle has been released.
        case abandon(ChannelCore)
        case close(CheckedContinuation<Void, Never>?)
    }

    private struct CommandQueue {
        var commands: [Command] = []
        var isAnnounced = false
        var nextChannelID: UInt64 = 0
        var closeReason: RabbitMQError?
        /// The waiters for the end.
        var listeners: [UInt64: AsyncStream<Never>.Continuation] = [:]
        var nextListener: UInt64 = 0
        var hasToldEnd = false
        var serverProperties: RabbitMQTable = [:]
    }

    let configuration: RabbitMQConnectionConfiguration
    let doorbell: Doorbell
    private let mailbox = Mutex(CommandQueue())

    init(configuration: RabbitMQConnectionConfiguration, doorbell: Doorbell) {
        self.configuration = configuration
        self.doorbell = doorbell
    }

    var closeReason: RabbitMQError? { mailbox.withLock { $0.closeReason } }

    /// For the thread to set, once, after the login.
    var serverProperties: RabbitMQTable {
        get { mailbox.withLock { $0.serverProperties } }
        set { mailbox.withLock { $0.serverProperties = newValue } }
    }

    func makeChannelID() -> UInt64 {
        mailbox.withLock { mailbox in
            mailbox.nextChannelID += 1
            return mailbox.nextChannelID
        }
    }

    func call(_ channel: ChannelCore, _ request: Request) async throws(RabbitMQError) -> Reply {
        let result = await withCheckedContinuation { completion in
            if let refusal = post(.call(channel, request, completion)) {
                completion.resume(returning: .failure(refusal))
            }
        }
        return try result.get()
    }

    func wake(_ channel: ChannelCore) { _ = post(.ready(channel)) }

    func abandon(_ channel: ChannelCore) { _ = post(.abandon(channel)) }

    func abandon() { _ = post(.close(nil)) }

    func close() async {
        await withCheckedContinuation { completion in
            if post(.close(completion)) != nil { completion.resume() }
        }
    }

    /// Waits for the end, and returns the reason; nil when the waiting task is canceled first.
    func end() async -> RabbitMQError? {
        let (end, feed) = AsyncStream.makeStream(of: Never.self)
        let number = mailbox.withLock { mailbox in
            mailbox.nextListener += 1
            if mailbox.hasToldEnd { feed.finish() } else { mailbox.listeners[mailbox.nextListener] = feed }
            return mailbox.nextListener
        }
        for await _ in end {}
        return mailbox.withLock { mailbox in
            mailbox.listeners[number] = nil
            return mailbox.hasToldEnd ? mailbox.closeReason : nil
        }
    }

    /// Hands over a command, or says why the thread no longer accepts any.
    private func post(_ command: Command) -> RabbitMQError? {
        let (refusal, mustRing): (RabbitMQError?, Bool) = mailbox.withLock { mailbox in
            if let reason = mailbox.closeReason { return (reason, false) }
            mailbox.commands.append(command)
            defer { mailbox.isAnnounced = true }
            return (nil, !mailbox.isAnnounced)
        }
        if mustRing { doorbell.ring() }
        return refusal
    }

    /// For the thread: everything that was posted.
    func take() -> [Command] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            mailbox.isAnnounced = false
            return mailbox.commands
        }
    }

    /// For the thread: takes everything that was posted, and nothing more from now on.
    func finish(_ reason: RabbitMQError) -> [Command] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            mailbox.closeReason = mailbox.closeReason ?? reason
            return mailbox.commands
        }
    }

    /// For the thread, when all channels have been told.
    func tellEnd() {
        let listeners = mailbox.withLock { mailbox in
            defer { mailbox.listeners = [:] }
            mailbox.hasToldEnd = true
            return mailbox.listeners.values
        }
        for listener in listeners { listener.finish() }
    }
}
