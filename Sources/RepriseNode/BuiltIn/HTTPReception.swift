import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Receives one response, and no more of it than fits: a server must not decide how much memory a worker takes.
///
/// Redirections are the caller's to follow, since another server might get what was meant for the first; and a challenge
/// that nobody answers would hold the request for ever.
final class HTTPReception: NSObject, URLSessionDataDelegate {
    /// The response has more bytes than it may.
    struct TooLarge: Error {
        /// As many as it says it has, or had come when it was given up.
        var bytes: Int64
    }

    private struct State {
        var continuation: CheckedContinuation<(Data, URLResponse), any Error>?
        var response: URLResponse?
        var data = Data()
        var excess: Int64?
    }

    private let mostBytes: Int
    private let state = Mutex(State())

    private init(mostBytes: Int) { self.mostBytes = mostBytes }

    /// - Throws: ``TooLarge``; what the loading system throws, which is a cancellation for a task that is canceled and for
    ///   a challenge.
    static func receive(
        _ request: URLRequest,
        _ configuration: URLSessionConfiguration,
        atMost mostBytes: Int
    ) async throws -> (Data, URLResponse) {
        let reception = HTTPReception(mostBytes: mostBytes)
        let session = URLSession(configuration: configuration, delegate: reception, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: request)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                reception.state.withLock { $0.continuation = continuation }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }

    // MARK: What comes

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let isTooLarge = state.withLock { state in
            state.response = response
            guard response.expectedContentLength > mostBytes else { return false }
            state.excess = response.expectedContentLength
            return true
        }
        if isTooLarge { dataTask.cancel() }
        completionHandler(isTooLarge ? .cancel : .allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = state.withLock { state in
            guard state.excess == nil else { return false }
            guard state.data.count + data.count > mostBytes else {
                state.data.append(data)
                return false
            }
            state.excess = Int64(state.data.count + data.count)
            state.data = Data()
            return true
        }
        if isTooLarge { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (continuation, result) = state.withLock { state in
            defer { state.continuation = nil }
            let result: Result<(Data, URLResponse), any Error>
            if let excess = state.excess {
                result = .failure(TooLarge(bytes: excess))
            } else if let error {
                result = .failure(error)
            } else if let response = state.response ?? task.response {
                result = .success((state.data, response))
            } else {
                result = .failure(URLError(.badServerResponse))
            }
            return (state.continuation, result)
        }
        continuation?.resume(with: result)
    }

    // MARK: What is nobody's to decide here

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
