import Foundation
import Reprise

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends what `context.callHTTP` asks for. Every node that runs activities has it.
struct HTTPActivity: Activity {
    static let name = HTTPRequest.activityName

    /// A response is a task's result, and may be as large as one.
    private static let mostBytes = 768 << 10

    func run(_ context: ActivityContext, input: HTTPRequest) async throws -> HTTPResponse {
        guard let url = URL(string: input.url), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme)
        else {
            throw Failure(
                type: "InvalidRequest",
                message: "'\(input.url.prefix(200))' is no address that begins with http:// or https://",
                isNonRetriable: true
            )
        }
        var request = URLRequest(url: url, timeoutInterval: min(max(1, input.timeoutSeconds), 86_400))
        request.httpMethod = input.method.uppercased()
        for (name, value) in input.headers { request.setValue(value, forHTTPHeaderField: name) }
        if let body = input.body {
            request.httpBody = Data(body.utf8)
            if request.value(forHTTPHeaderField: "Content-Type") == nil {
                request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            }
        }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCache = nil
        let session = URLSession(configuration: configuration)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await received(request, session)
        guard let http = response as? HTTPURLResponse else {
            throw Failure(type: "InvalidResponse", message: "the server of \(input.url) does not speak HTTP")
        }
        guard data.count <= Self.mostBytes else {
            throw Failure(
                type: "ResponseTooLarge",
                message: "the response of \(input.url) has \(data.count) bytes, the limit is \(Self.mostBytes)",
                isNonRetriable: true
            )
        }
        let answer = HTTPResponse(
            statusCode: http.statusCode,
            headers: Dictionary(
                http.allHeaderFields.map { ("\($0.key)", "\($0.value)") },
                uniquingKeysWith: { $1 }
            ),
            body: String(decoding: data, as: UTF8.self)
        )
        if let failure = input.failure(for: answer) { throw failure }
        return answer
    }

    private func received(_ request: URLRequest, _ session: URLSession) async throws -> (Data, URLResponse) {
        do {
            return try await session.data(for: request)
        } catch let error as URLError {
            if error.code == .cancelled { throw CancellationError() }
            throw Failure(
                type: "NoResponse",
                message:
                    "\(request.httpMethod ?? "") \(request.url?.absoluteString ?? ""): \(error.localizedDescription)",
                details: "URLError \(error.code.rawValue)"
            )
        }
    }
}
