import RepriseEngine
import RepriseKernel
import Synchronization

/// A way out that writes down what was asked of it, and lets a test wait for the next thing.
final class NotedLink: PartitionLink {
    enum Event: Equatable {
        case published([Outbound])
        case answered([String])
        case acknowledged(UInt64)
        case resigned(String)
    }

    private let events: AsyncStream<Event>
    private let incoming: AsyncStream<Event>.Continuation
    private let noted = Mutex<[Event]>([])

    init() { (events, incoming) = AsyncStream.makeStream() }

    var all: [Event] { noted.withLock { $0 } }

    func publish(_ messages: [Outbound]) { note(.published(messages)) }
    func answer(_ replies: [Reply]) { note(.answered(replies.map(\.answer.word))) }
    func withdraw(_ tasks: [WithdrawnTask]) {}
    func resume(_ reports: [ProgressReport]) {}
    func report(_ progress: [ProgressMessage]) {}
    func acknowledge(through tag: UInt64) { note(.acknowledged(tag)) }
    func resign(_ reason: String) { note(.resigned(reason)) }

    private func note(_ event: Event) {
        noted.withLock { $0.append(event) }
        incoming.yield(event)
    }

    /// The next event for which `pick` has an answer; whatever comes before it is passed over.
    func next<Value>(_ pick: (Event) -> Value?) async -> Value? {
        for await event in events {
            if let value = pick(event) { return value }
        }
        return nil
    }

    func acknowledged(_ tag: UInt64) async { _ = await next { $0 == .acknowledged(tag) ? true : nil } }

    func resigned() async -> String? {
        await next { if case .resigned(let reason) = $0 { reason } else { nil } }
    }
}
