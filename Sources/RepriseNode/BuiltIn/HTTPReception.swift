import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Reprise

/// Receives one response, up to a limit: a server must not decide how much memory a worker uses.
///
/// Redirects are the caller's to follow, since another server might get what was meant for the first. Each request has
/// its own connection: on a kept one, a server that closes it at that moment would fail a request that it never read.
enum HTTPReception {
    /// A response becomes a task's result, and may be as large as one.
    private static let maximumBytes = 768 << 10

    /// - Throws: ``Failure`` of type `ResponseTooLarge`; what the client throws.
    static func receive(_ request: OutgoingRequest) async throws -> HTTPCallResult {
        let timeout = TimeAmount.milliseconds(Int64(request.timeoutSeconds * 1000))
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: timeout)
        )
        // The client's own retry wait would outlast the request's retry policy.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<HTTPCallResult, any Error>
        do {
            let response = try await client.execute(request.request, deadline: .now() + timeout)
            result = .success(try await read(response, to: request))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    private static func read(
        _ response: HTTPClientResponse,
        to request: OutgoingRequest
    ) async throws -> HTTPCallResult {
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int64($0) }), length > maximumBytes,
            request.method != "HEAD"
        {
            throw tooLarge(length, request)
        }
        var body = ByteBuffer()
        for try await part in response.body {
            guard body.readableBytes + part.readableBytes <= maximumBytes else {
                throw tooLarge(Int64(body.readableBytes + part.readableBytes), request)
            }
            body.writeImmutableBuffer(part)
        }
        return HTTPCallResult(
            statusCode: Int(response.status.code),
            headers: headers(response.headers),
            body: String(decoding: body.readableBytesView, as: UTF8.self)
        )
    }

    /// One value for each name, comma-joined if it came more than once.
    private static func headers(_ all: HTTPHeaders) -> [String: String] {
        var headers: [String: String] = [:]
        var spelling: [String: String] = [:]
        for (name, value) in all {
            let known = spelling[name.lowercased()] ?? name
            spelling[name.lowercased()] = known
            headers[known] = headers[known].map { "\($0), \(value)" } ?? value
        }
        return headers
    }

    /// - Parameter bytes: as many as it declares, or as had arrived when it was given up.
    private static func tooLarge(_ bytes: Int64, _ request: OutgoingRequest) -> Failure {
        Failure(
            type: "ResponseTooLarge",
            message: "the response of \(request.url) has \(bytes) bytes or more, the limit is \(maximumBytes)",
            isNonRetriable: true
        )
    }
}
