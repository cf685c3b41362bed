import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// One request on a connection of its own, sent as it is said: nothing is added, followed, decoded or repeated.
enum HTTPExchange {
    static func reply(from port: Int, to request: HTTPRequest, body: [UInt8]?) async throws -> Reply {
        try await exchange(with: port, request, body: body, untilHead: false)
    }

    /// The answer's status alone: a stream has no end to wait for.
    static func status(from port: Int, to request: HTTPRequest) async throws -> Int {
        try await exchange(with: port, request, body: nil, untilHead: true).status
    }

    private static func exchange(
        with port: Int,
        _ request: HTTPRequest,
        body: [UInt8]?,
        untilHead: Bool
    ) async throws -> Reply {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Who answers and closes at once has answered: what came must still be read.
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers(enableOutboundHeaderValidation: false)
                    try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPClientCodec())
                    return try NIOAsyncChannel<HTTPResponsePart, HTTPRequestPart>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var request = request
            if let body { request.headerFields[.contentLength] = "\(body.count)" }
            try await outbound.write(.head(request))
            if let body { try await outbound.write(.body(ByteBuffer(bytes: body))) }
            try await outbound.write(.end(nil))
            var reply = Reply(status: 0, headers: [:], body: "")
            for try await part in inbound {
                switch part {
                case .head(let head):
                    reply.status = head.status.code
                    reply.headers = head.headerFields
                    if untilHead { return reply }
                case .body(let bytes): reply.body += String(buffer: bytes)
                case .end: return reply
                }
            }
            throw ChannelError.eof
        }
    }
}
