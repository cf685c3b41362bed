import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What a session's requests receive, each up to a bound. Refuses what a gateway never needs: redirects and invented
/// credentials.
///
/// The system's own way to await an answer takes everything that comes, however large.
final class Receptions: NSObject, URLSessionDataDelegate {
    private struct Reception {
        let continuation: CheckedContinuation<(HTTPURLResponse, [UInt8]), any Error>
        var body: [UInt8] = []
    }

    private let maximumBody: Int
    /// By their tasks, until they are ended: whichever code removes one resumes it.
    private let receptions = Mutex<[Int: Reception]>([:])

    init(maximumBody: Int) { self.maximumBody = maximumBody }

    /// Starts a task, and waits for its whole answer.
    ///
    /// - Throws: ``TransportFailure``, `URLError`, `CancellationError`.
    func receive(_ task: URLSessionDataTask) async throws -> (HTTPURLResponse, [UInt8]) {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                receptions.withLock { $0[task.taskIdentifier] = Reception(continuation: continuation) }
                task.resume()
                // A caller canceled before this point was not seen by the handler.
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
