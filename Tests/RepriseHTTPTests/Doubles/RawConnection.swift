import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection on which a test says exactly what it wants.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    init(port: Int) async throws {
        let inbox = Inbox()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(inbox.handler())
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        self.inbox = inbox
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(zeros count: Int) async throws {
        try await channel.writeAndFlush(ByteBuffer(repeating: 0x30, count: count))
    }

    func finishSending() async throws { try await channel.close(mode: .output) }

    func close() async { try? await channel.close() }

    /// All that came, once it satisfies the condition or the other side has ended the connection.
    func received(until condition: @escaping @Sendable (String) -> Bool = { _ in false }) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            let (text, isOver) = inbox.content
            if isOver || condition(text) { return text }
            guard ContinuousClock.now < deadline else { throw TimedOut(received: text) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    var isOver: Bool { inbox.content.isOver }

    struct TimedOut: Error {
        let received: String
    }

    private final class Inbox: Sendable {
        private let state = Mutex((text: "", isOver: false))
        var content: (text: String, isOver: Bool) { state.withLock { $0 } }
        func handler() -> Handler { Handler(inbox: self) }
        func add(_ text: String) { state.withLock { $0.text += text } }
        func end() { state.withLock { $0.isOver = true } }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let inbox: Inbox
        init(inbox: Inbox) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            inbox.add(String(buffer: unwrapInboundIn(data)))
        }
        func channelInactive(context: ChannelHandlerContext) { inbox.end() }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { inbox.end() }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { inbox.end() }
    }
}
