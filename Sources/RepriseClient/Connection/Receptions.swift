import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What a session's requests receive, each up to a bound. Refuses what is not asked of a gateway: no second address, no
/// credentials made up.
///
/// The system's own way to await an answer takes all that comes, however much.
final class Receptions: NSObject, URLSessionDataDelegate {
    private struct Reception {
        let continuation: CheckedContinuation<(HTTPURLResponse, [UInt8]), any Error>
        var body: [UInt8] = []
    }

    private let maximumBody: Int
    /// By their tasks, until somebody has ended them: whoever takes one out resumes it.
    private let receptions = Mutex<[Int: Reception]>([:])

    init(maximumBody: Int) { self.maximumBody = maximumBody }

    /// Lets a task begin, and waits for the whole of its answer.
    ///
    /// - Throws: ``TransportFailure``, `URLError`, `CancellationError`.
    func receive(_ task: URLSessionDataTask) async throws -> (HTTPURLResponse, [UInt8]) {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                receptions.withLock { $0[task.taskIdentifier] = Reception(continuation: continuation) }
                task.resume()
                // Whoever was cancelled before this was entered in vain.
                if Task.isCancelled { end(task, .failure(CancellationError())) }
            }
        } onCancel: {
            end(task, .failure(CancellationError()))
        }
    }

    private func end(_ task: URLSessionTask, _ result: Result<HTTPURLResponse, any Error>) {
        guard let reception = receptions.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        reception.continuation.resume(with: result.map { ($0, reception.body) })
        if case .failure = result { task.cancel() }
    }

    // MARK: What the session tells

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let fits = receptions.withLock { receptions in
            guard let size = receptions[dataTask.taskIdentifier]?.body.count else { return true }
            guard size + data.count <= maximumBody else { return false }
            receptions[dataTask.taskIdentifier]?.body += data
            return true
        }
        guard !fits else { return }
        end(dataTask, .failure(TransportFailure(.tooLarge, "its body has more than \(maximumBody) bytes")))
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error { return end(task, .failure(error)) }
        guard let response = task.response as? HTTPURLResponse else {
            return end(task, .failure(TransportFailure(.lost, "the answer is not HTTP")))
        }
        end(task, .success(response))
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
