import RepriseKernel
import Synchronization

/// Wakes those waiting for changes of an instance. A signal says that something changed, never what: read the model.
final class ChangeNotifier: Sendable {
    private struct Listeners {
        var byInstance: [InstanceID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var ofAll: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let listeners = Mutex(Listeners())

    /// One signal is kept for a busy listener: more would tell it nothing.
    func listen(to instance: InstanceID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = listeners.withLock { listeners in
            listeners.next += 1
            listeners.byInstance[instance, default: [:]][listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number, of: instance) }
        return stream
    }

    func listenToAll() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = listeners.withLock { listeners in
            listeners.next += 1
            listeners.ofAll[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { $0.ofAll[number] = nil }
        }
        return stream
    }

    func hasListeners(_ instance: InstanceID) -> Bool { listeners.withLock { $0.byInstance[instance] != nil } }

    func notify(_ instances: Set<InstanceID>) {
        let awake = listeners.withLock { listeners in
            if instances.isEmpty { return [AsyncStream<Void>.Continuation]() }
            let others = instances.flatMap { listeners.byInstance[$0].map { Array($0.values) } ?? [] }
            return Array(listeners.ofAll.values) + others
        }
        for continuation in awake { continuation.yield() }
    }

    private func forget(_ number: Int, of instance: InstanceID) {
        listeners.withLock { listeners in
            listeners.byInstance[instance]?[number] = nil
            if listeners.byInstance[instance]?.isEmpty == true { listeners.byInstance[instance] = nil }
        }
    }
}
