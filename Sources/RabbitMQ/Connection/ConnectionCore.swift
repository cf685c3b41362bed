import CRabbitMQ
import Synchronization

/// What a connection's handles and its thread share: its queue of commands.
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
        var address: BrokerAddress?
    }

    let configuration: RabbitMQConnectionConfiguration
    let doorbell: Doorbell
    private let queue = Mutex(CommandQueue())

    init(configuration: RabbitMQConnectionConfiguration, doorbell: Doorbell) {
        self.configuration = configuration
        self.doorbell = doorbell
    }

    var closeReason: RabbitMQError? { queue.withLock { $0.closeReason } }

    /// For the thread to set, once, after the login.
    var serverProperties: RabbitMQTable {
        get { queue.withLock { $0.serverProperties } }
        set { queue.withLock { $0.serverProperties = newValue } }
    }

    /// For the thread to set, once, after the login.
    var address: BrokerAddress? {
        get { queue.withLock { $0.address } }
        set { queue.withLock { $0.address = newValue } }
    }

    /// The next connections go elsewhere, if there is another broker.
    func leaveBroker() {
        if let address { configuration.choice.leave(address.number) }
    }

    func makeChannelID() -> UInt64 {
        queue.withLock { queue in
            queue.nextChannelID += 1
            return queue.nextChannelID
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
        let number = queue.withLock { queue in
            queue.nextListener += 1
            if queue.hasToldEnd { feed.finish() } else { queue.listeners[queue.nextListener] = feed }
            return queue.nextListener
        }
        for await _ in end {}
        return queue.withLock { queue in
            queue.listeners[number] = nil
            return queue.hasToldEnd ? queue.closeReason : nil
        }
    }

    /// Hands over a command, or says why the thread no longer accepts any.
    private func post(_ command: Command) -> RabbitMQError? {
        let (refusal, mustRing): (RabbitMQError?, Bool) = queue.withLock { queue in
            if let reason = queue.closeReason { return (reason, false) }
            queue.commands.append(command)
            defer { queue.isAnnounced = true }
            return (nil, !queue.isAnnounced)
        }
        if mustRing { doorbell.ring() }
        return refusal
    }

    /// For the thread: everything that was posted.
    func take() -> [Command] {
        queue.withLock { queue in
            defer { queue.commands = [] }
            queue.isAnnounced = false
            return queue.commands
        }
    }

    /// For the thread: takes everything that was posted, and nothing more from now on.
    func finish(_ reason: RabbitMQError) -> [Command] {
        queue.withLock { queue in
            defer { queue.commands = [] }
            queue.closeReason = queue.closeReason ?? reason
            return queue.commands
        }
    }

    /// For the thread, when all channels have been told.
    func tellEnd() {
        let listeners = queue.withLock { queue in
            defer { queue.listeners = [:] }
            queue.hasToldEnd = true
            return queue.listeners.values
        }
        for listener in listeners { listener.finish() }
    }
}
