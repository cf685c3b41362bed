import HTTPTypes
import Hummingbird
import NIOCore
import RepriseKernel
import ServiceLifecycle

/// A source of server-sent events.
protocol EventSource: Sendable {
    /// Fires when there may be something to send.
    func changes() -> AsyncStream<Void>
    /// What there is to send now, in pieces that a reader takes one after another.
    mutating func next() async throws -> EventPiece
}

enum EventPiece {
    case said([UInt8])
    case nothingYet
    case over
}

/// Server-sent events: an answer that continues for as long as its reader listens.
///
/// The next piece is made when the reader has taken the last one: what a slow reader has not taken stays in the read
/// model, not in memory.
struct EventStream<Source: EventSource>: AsyncSequence, Sendable {
    let source: Source
    /// When it leaves, the stream ends.
    let reader: ClientConnection
    /// Something is sent at least this often, so that proxies in between keep the connection, and a dead one is
    /// noticed.
    let heartbeat: Duration
    let clock: any Clock<Duration>

    func makeAsyncIterator() -> Iterator {
        Iterator(source: source, reader: reader, heartbeat: heartbeat, clock: clock)
    }

    struct Iterator: AsyncIteratorProtocol {
        var source: Source
        let reader: ClientConnection
        let heartbeat: Duration
        let clock: any Clock<Duration>
        private var hasBegun = false

        init(source: Source, reader: ClientConnection, heartbeat: Duration, clock: any Clock<Duration>) {
            self.source = source
            self.reader = reader
            self.heartbeat = heartbeat
            self.clock = clock
        }

        mutating func next() async throws -> ByteBuffer? {
            guard hasBegun else {
                hasBegun = true
                return ByteBuffer(string: "retry: 1000\n\n")
            }
            while !Task.isShuttingDownGracefully {
                // Taken before looking, so that nothing is missed between looking and waiting.
                let changes = source.changes()
                switch try await source.next() {
                case .said(let bytes): return ByteBuffer(bytes: bytes)
                case .over: return nil
                case .nothingYet:
                    let (heartbeat, reader, clock) = (heartbeat, reader, clock)
                    let end = await cancelWhenGracefulShutdown {
                        await ChangeWait.wait(for: changes, upTo: heartbeat, on: reader, clock)
                    }
                    switch end {
                    case .changed: continue
                    case .silence where !Task.isShuttingDownGracefully: return ByteBuffer(string: ":\n\n")
                    case .silence, .left: return nil
                    }
                }
            }
            return nil
        }
    }
}

extension EventStream {
    var response: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8",
                .cacheControl: "no-cache",
                .xContentTypeOptions: "nosniff",
                // Some proxies hold back an answer until it is complete.
                .accelBuffering: "no",
            ],
            body: ResponseBody(asyncSequence: self)
        )
    }
}

/// One event as it goes over the wire. JSON has no line breaks of its own, so one line of data is enough.
struct ServerSentEvent {
    /// What a reader resumes after; nil for an event from which no one can resume.
    var id: String?
    /// Nil for the default kind, which readers get without asking for a particular one.
    var kind: String?
    var data: JSONObject

    var bytes: [UInt8] {
        let head = (id.map { "id: \($0)\n" } ?? "") + (kind.map { "event: \($0)\n" } ?? "")
        return Array("\(head)data: ".utf8) + data.bytes.filter { $0 != 0x0A && $0 != 0x0D } + Array("\n\n".utf8)
    }
}

extension HTTPField.Name {
    static let accelBuffering = Self("X-Accel-Buffering")!
    static let lastEventID = Self("Last-Event-ID")!
}
