package import Foundation
import RepriseKernel

extension OrchestrationContext {
    /// Sends an HTTP request and waits for the response, through crashes and restarts.
    ///
    /// The request is an activity (`Reprise.HTTP`, which every node that runs activities has), so it is sent at least
    /// once: give anything that must not happen twice its own idempotency key, such as ``newUUID()``.
    ///
    /// A server that answers `202 Accepted` with a `Location` is polled there until it answers otherwise, after the
    /// pause that its `Retry-After` asks for (30 s without one), unless the request says not to.
    ///
    /// Other redirects are not followed: the response says where they lead.
    ///
    /// - Parameters:
    ///   - retry: the retry policy; no retries by default. A request without a response is a failure, and so is one of
    ///     ``HTTPCall/retriedStatusCodes``.
    ///   - timeout: how long the whole call may take, including polling.
    /// - Returns: the response, whatever its status code.
    /// - Throws: ``ActivityFailed`` when there was no response, or the last attempt had a status code to be retried;
    ///   ``HTTPTimeout`` when the time ran out first.
    public func callHTTP(
        _ request: HTTPCall,
        retry: RetryPolicy? = nil,
        timeout: Duration? = nil
    ) async throws -> HTTPCallResult {
        guard let timeout else { return try await followed(request, retry) }
        let response = try await withThrowingTaskGroup(of: HTTPCallResult?.self) { group in
            group.addTask { try await followed(request, retry) }
            group.addTask {
                try await sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let response else { throw HTTPTimeout(url: request.url, timeout: timeout) }
        return response
    }

    private func followed(_ request: HTTPCall, _ retry: RetryPolicy?) async throws -> HTTPCallResult {
        var request = request
        var response = try await send(request, retry)
        while request.pollsWhenAccepted, response.statusCode == 202, let location = response.header("location") {
            try await sleep(for: response.pause(at: currentTime) ?? .seconds(30))
            guard let url = request.resolved(location) else {
                throw Failure(
                    type: Failure.Kind.unreadable,
                    message: "the response's Location is not an address: \(location.prefix(200))",
                    isNonRetriable: true
                )
            }
            request.follow(url)
            response = try await send(request, retry)
        }
        return response
    }

    private func send(_ request: HTTPCall, _ retry: RetryPolicy?) async throws -> HTTPCallResult {
        try await call(HTTPCall.activityName, request, returning: HTTPCallResult.self, retry: retry)
    }
}

/// An HTTP request made by an orchestrator. It is recorded, so it must not hold a secret that history may not keep.
public struct HTTPCall: Codable, Sendable, Equatable {
    package static let activityName = "Reprise.HTTP"

    /// The verb: `GET`, `POST`, …
    public var method: String
    /// Where to: an address with `http` or `https`.
    public var url: String
    /// The request headers, by name.
    public var headers: [String: String]
    /// Text; JSON where a `Content-Type` does not say otherwise.
    public var body: String?
    /// How long one request may take.
    public var timeoutSeconds: Double
    /// Whether to poll the `Location` after `202 Accepted`.
    public var pollsWhenAccepted: Bool
    /// Status codes that count as a failed attempt, which a retry policy may try again.
    public var retriedStatusCodes: Set<Int>

    /// A request with a text body, or none.
    public init(
        _ method: String = "GET",
        _ url: String,
        headers: [String: String] = [:],
        body: String? = nil,
        timeoutSeconds: Double = 100,
        pollsWhenAccepted: Bool = true,
        retriedStatusCodes: Set<Int> = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
        self.pollsWhenAccepted = pollsWhenAccepted
        self.retriedStatusCodes = retriedStatusCodes
    }

    /// A request with the JSON of `body`.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` for what JSON cannot hold.
    public init(
        _ method: String,
        _ url: String,
        json body: some Encodable,
        headers: [String: String] = [:]
    ) throws {
        self.init(
            method,
            url,
            headers: headers.merging(["Content-Type": "application/json"]) { given, _ in given },
            body: try PayloadCoding.encode(body, as: "the body of the request").text
        )
    }

    /// The failure of an attempt with this response; nil when it did not fail.
    package func failure(for response: HTTPCallResult) -> Failure? {
        guard retriedStatusCodes.contains(response.statusCode) else { return nil }
        return Failure(
            type: "HTTPStatus\(response.statusCode)",
            message: "\(method) \(url) was answered with \(response.statusCode)",
            details: String(response.body.prefix(2_000))
        )
    }

    /// A polling request goes to another address. Nothing that may be a secret goes to another origin. No list can name
    /// every secret header, so only headers that never hold a secret are kept.
    package mutating func follow(_ url: URL) {
        let isSameOrigin = URL(string: self.url).map(Self.origin) == Self.origin(url)
        headers = headers.filter { name, _ in
            let name = name.lowercased()
            if name == "x-functions-key" || name == "content-type" { return false }
            return isSameOrigin || name == "user-agent" || name == "accept" || name.hasPrefix("accept-")
        }
        self.url = url.absoluteString
        method = "GET"
        body = nil
    }

    /// Scheme, host and port: another port of a host is another server.
    private static func origin(_ url: URL) -> [String] {
        let scheme = url.scheme?.lowercased() ?? ""
        return [scheme, url.host()?.lowercased() ?? "", "\(url.port ?? (scheme == "https" ? 443 : 80))"]
    }

    fileprivate func resolved(_ location: String) -> URL? {
        URL(string: location, relativeTo: URL(string: url))?.absoluteURL
    }
}

/// What came back.
public struct HTTPCallResult: Codable, Sendable, Equatable {
    /// The status of the response, whatever it is.
    public var statusCode: Int
    /// The response headers, by name; ``header(_:)`` finds one regardless of case.
    public var headers: [String: String]
    /// The body as text.
    public var body: String

    /// What a service answers, for test stubs.
    public init(statusCode: Int, headers: [String: String], body: String) {
        self.statusCode = statusCode
        self.headers = headers
        self.body = body
    }

    /// Whether the status is one from 200 to 299.
    public var isSuccess: Bool { (200..<300).contains(statusCode) }

    /// A header's value; names are compared case-insensitively.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.sorted { $0.key < $1.key }.first { $0.key.lowercased() == name }?.value
    }

    /// Reads the body as JSON.
    public func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try PayloadCoding.decode(type, from: Payload(trusted: Array(body.utf8)), as: "the body of the response")
    }

    /// What `Retry-After` asks for, in seconds or until a time, and at most a day; nil when it cannot be read.
    package func pause(at now: Date) -> Duration? {
        guard let text = header("retry-after") else { return nil }
        if let seconds = Int64(text) { return .seconds(min(max(0, seconds), 86_400)) }
        return Self.date(text).map { .seconds(min(max(0, $0.timeIntervalSince(now)), 86_400)) }
    }

    /// In any of the three forms of RFC 9110, 5.6.7.
    private static func date(_ text: String) -> Date? {
        var words = text.split { " ,-".contains($0) }.map(String.init)
        // Sun Nov  6 08:49:37 1994
        if words.count == 5 { words = [words[0], words[2], words[1], words[4], words[3]] }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count >= 5, let day = Int(words[1]), let month = months.firstIndex(of: words[2]),
            var year = Int(words[3]), (1...31).contains(day), (0...9_999).contains(year)
        else { return nil }
        // Sunday, 06-Nov-94 08:49:37 GMT
        if words[3].utf8.count == 2 { year += year < 70 ? 2_000 : 1_900 }
        let parts = [year + 10_000, month + 101, day + 100].map { String($0).dropFirst() }
        return TimeText.parts("\(parts.joined(separator: "-"))T\(words[4])Z")
            .map { Date(timeIntervalSince1970: Double($0.seconds)) }
    }
}

/// An HTTP call took longer than it was allowed to.
public struct HTTPTimeout: Error, Sendable, CustomStringConvertible {
    /// The address that was called last.
    public let url: String
    /// How long the call was allowed to take.
    public let timeout: Duration
    public var description: String { "The call of \(url) did not end within \(timeout)." }
}
