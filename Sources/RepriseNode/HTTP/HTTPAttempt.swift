import CLibCurl
import Reprise

/// One request on its way, and what has arrived of the response.
///
/// Proof of Sendable: whoever makes it hands it to the transport's thread, and does not touch it again.
final class HTTPAttempt: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    var waiter: CheckedContinuation<HTTPCallResult, any Error>?
    private let request: OutgoingRequest
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let reason = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var response = HTTPReception()

    /// Nil when there is no memory for it.
    init?(_ request: OutgoingRequest) {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.request = request
        reason.pointee = 0
        response.hasNoBody = request.method == "HEAD"
        prepare()
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        reason.deallocate()
    }

    private func prepare() {
        curl_set_pointer(handle, CURLOPT_ERRORBUFFER, reason)
        curl_set_text(handle, CURLOPT_URL, request.url)
        curl_set_number(handle, CURLOPT_PATH_AS_IS, 1)
        // As the node's settings say nothing of a proxy, no variable of its environment does.
        curl_set_text(handle, CURLOPT_PROXY, "")
        curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
        curl_leave_resolver(handle)
        // On a kept connection, a server that closes it at that moment would fail a request that it never read.
        curl_set_number(handle, CURLOPT_FRESH_CONNECT, 1)
        curl_set_number(handle, CURLOPT_FORBID_REUSE, 1)
        let milliseconds = Int(request.timeoutSeconds * 1000)
        curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        curl_set_number(handle, CURLOPT_TIMEOUT_MS, milliseconds)
        prepareMethodAndBody()
        for line in request.headerLines { headers = curl_slist_append(headers, line) }
        curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        let this = Unmanaged.passUnretained(self).toOpaque()
        curl_set_pointer(handle, CURLOPT_HEADERDATA, this)
        curl_set_pointer(handle, CURLOPT_WRITEDATA, this)
        curl_set_receiver(handle, CURLOPT_HEADERFUNCTION) {
            HTTPAttempt.receive($0, count: $1 * $2, of: $3) { $0.readHeader($1) }
        }
        curl_set_receiver(handle, CURLOPT_WRITEFUNCTION) {
            HTTPAttempt.receive($0, count: $1 * $2, of: $3) { $0.readBody($1) }
        }
    }

    private func prepareMethodAndBody() {
        if request.method == "HEAD" {
            curl_set_number(handle, CURLOPT_NOBODY, 1)
        } else if let body = request.sentBody {
            curl_set_body(handle, body, Int64(body.utf8.count))
        }
        curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
    }

    /// What libcurl hears: as many bytes as it has given, or fewer to give the attempt up.
    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?,
        count: Int,
        of this: UnsafeMutableRawPointer?,
        _ read: (inout HTTPReception, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let this else { return 0 }
        let attempt = Unmanaged<HTTPAttempt>.fromOpaque(this).takeUnretainedValue()
        return read(&attempt.response, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

    // MARK: Its end

    func end(_ code: CURLcode) {
        if let bytes = response.excess {
            finish(.failure(request.tooLarge(bytes)))
        } else if code == CURLE_OK {
            finish(.success(response.result(Int(curl_status_code(handle)))))
        } else if code == CURLE_OPERATION_TIMEDOUT {
            fail("no response came within \(Int(request.timeoutSeconds)) s")
        } else {
            let detail = String(cString: reason)
            fail(detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
        }
    }

    func fail(_ reason: String) { finish(.failure(request.noResponse(reason))) }

    func cancel() { finish(.failure(CancellationError())) }

    private func finish(_ result: Result<HTTPCallResult, any Error>) {
        waiter?.resume(with: result)
        waiter = nil
    }
}
