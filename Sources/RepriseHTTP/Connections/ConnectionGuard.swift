import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Keeps one connection honest, below the HTTP server that answers its requests:
///
/// - a body that does not arrive in time, or that goes on far beyond the limit, ends the connection;
/// - a request that breaks off in its body ends with an error, never as if it were whole;
/// - an answer with `Connection: close` is followed by the close. What the client is still sending is read and dropped
///   for a moment, so that it can read the answer, but no longer;
/// - what is held for a client that has closed its side is told (``ClientPresence``);
/// - `Expect: 100-continue` is answered, and what is not HTTP gets an empty 400.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits: Sendable {
        var maximumBody: Int
        var bodyTimeout: TimeAmount
        /// How much is read and dropped after an answer that closes the connection.
        var lingeringBytes = 4 << 20
        var lingeringTime = TimeAmount.seconds(2)
    }

    /// The request did not end where it should have.
    struct BrokenRequest: Error {}

    private enum Closing {
        case no
        /// The answer being sent is the last.
        case afterAnswer
        /// The answer is sent; what still arrives is dropped.
        case lingering
    }

    let presence = ClientPresence()
    private let limits: Limits
    private var closing = Closing.no
    private var isReadingBody = false
    private var bodyBytes = 0
    private var droppedBytes = 0
    private var unanswered = 0
    private var timer: Scheduled<Void>?

    init(_ limits: Limits) { self.limits = limits }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        presence.leave()
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .lingering = closing { return drop(part, context) }
        switch part {
        case .head(let head):
            unanswered += 1
            isReadingBody = true
            bodyBytes = 0
            if head.headerFields[.connection]?.lowercased() == "close" { closing = .afterAnswer }
            schedule(in: limits.bodyTimeout, context)
            if unanswered == 1, isWaitingForContinue(head) {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            guard bodyBytes <= limits.maximumBody + limits.lingeringBytes else { return breakOff(context) }
        case .end:
            isReadingBody = false
            timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // No handler above asks for more now.
        if case .lingering = closing { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        failBody(context)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            presence.leave()
            failBody(context)
            if case .lingering = closing { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isReadingBody { return breakOff(context) }
        switch closing {
        case .lingering: context.close(promise: nil)
        case .no where unanswered == 0:
            let head = HTTPResponse(status: .badRequest, headerFields: [.connection: "close", .contentLength: "0"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            context.close(promise: nil)
        case .no, .afterAnswer: closing = .afterAnswer
        }
    }

    private func isWaitingForContinue(_ head: HTTPRequest) -> Bool {
        guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
        // A body that is too large is refused before it is sent.
        return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= limits.maximumBody } ?? true
    }

    private func failBody(_ context: ChannelHandlerContext) {
        guard isReadingBody else { return }
        isReadingBody = false
        if case .lingering = closing { return }
        context.fireErrorCaught(BrokenRequest())
    }

    private func breakOff(_ context: ChannelHandlerContext) {
        failBody(context)
        context.close(promise: nil)
    }

    private func drop(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head: break
        case .body(let bytes):
            droppedBytes += bytes.readableBytes
            if droppedBytes > limits.lingeringBytes { context.close(promise: nil) }
        case .end: context.close(promise: nil)
        }
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if case .afterAnswer = closing, unanswered <= 1 { head.headerFields[.connection] = "close" }
            if head.headerFields[.connection] == "close" { closing = .afterAnswer }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            guard case .afterAnswer = closing, unanswered <= 0 else {
                return context.write(data, promise: promise)
            }
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(data, promise: written)
            written.futureResult.assumeIsolated().whenComplete { _ in self.finish(context) }
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard isReadingBody else { return context.close(promise: nil) }
        closing = .lingering
        schedule(in: limits.lingeringTime, context)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    private func schedule(in time: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.breakOff(context) }
    }
}
