import CLibCurl
import Foundation
import Reprise
import Synchronization

/// Sends requests with libcurl: all of them on one thread.
///
/// ```
///   send ──▶ arrived ──▶ ┌──────────────────────┐ ──▶ response, or why there is none
///   cancellation ──────▶ │ one thread, libcurl  │
///                        └──────────────────────┘
/// ```
final class HTTPTransport: Sendable {
    /// Of the whole process. Its thread begins with the first request and stays.
    static let shared = HTTPTransport()

    private struct Waiting {
        var arrived: [HTTPAttempt] = []
        var canceled: [HTTPAttempt] = []
        var hasThread = false
    }

    private let waiting = Mutex(Waiting())
    // A handle of libcurl's. Only its thread uses it, except for `curl_multi_wakeup`, which any thread may call.
    nonisolated(unsafe) private let handle: UnsafeMutableRawPointer?

    private init() {
        // Nothing else of this process uses libcurl, so no other thread is in it.
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        handle = curl_multi_init()
    }

    /// Ends when the task is canceled, wherever the request is then.
    ///
    /// - Throws: ``Failure`` when there is no whole response; `CancellationError`.
    func send(_ request: OutgoingRequest) async throws -> HTTPCallResult {
        guard handle != nil, let attempt = HTTPAttempt(request) else {
            throw request.noResponse("there is no memory for a request")
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                attempt.waiter = continuation
                submit(attempt)
            }
        } onCancel: {
            waiting.withLock { $0.canceled.append(attempt) }
            wake()
        }
    }

    private func submit(_ attempt: HTTPAttempt) {
        let needsThread = waiting.withLock { waiting in
            waiting.arrived.append(attempt)
            // The handler has run already, and was overtaken.
            if Task.isCancelled { waiting.canceled.append(attempt) }
            defer { waiting.hasThread = true }
            return !waiting.hasThread
        }
        if needsThread { Thread.detachNewThread { self.run() } } else { wake() }
    }

    private func wake() {
        if let handle { curl_multi_wakeup(handle) }
    }

    private func run() {
        guard let handle else { return }
        var attempts: [UnsafeMutableRawPointer: HTTPAttempt] = [:]
        while true {
            let (arrived, canceled) = waiting.withLock { waiting in
                defer { (waiting.arrived, waiting.canceled) = ([], []) }
                return (waiting.arrived, waiting.canceled)
            }
            for attempt in arrived {
                let code = curl_multi_add_handle(handle, attempt.handle)
                if code == CURLM_OK { attempts[attempt.handle] = attempt } else { attempt.fail(Self.text(code)) }
            }
            for attempt in canceled where attempts.removeValue(forKey: attempt.handle) != nil {
                curl_multi_remove_handle(handle, attempt.handle)
                attempt.cancel()
            }
            var running: Int32 = 0
            var code = curl_multi_perform(handle, &running)
            var left: Int32 = 0
            while let message = curl_multi_info_read(handle, &left) {
                guard message.pointee.msg == CURLMSG_DONE, let ended = message.pointee.easy_handle,
                    let attempt = attempts.removeValue(forKey: ended)
                else { continue }
                let result = message.pointee.data.result
                curl_multi_remove_handle(handle, ended)
                attempt.end(result)
            }
            if code == CURLM_OK { code = curl_multi_poll(handle, nil, 0, 600_000, nil) }
            guard code != CURLM_OK else { continue }
            for attempt in attempts.values {
                curl_multi_remove_handle(handle, attempt.handle)
                attempt.fail(Self.text(code))
            }
            attempts = [:]
        }
    }

    private static func text(_ code: CURLMcode) -> String { String(cString: curl_multi_strerror(code)) }
}
