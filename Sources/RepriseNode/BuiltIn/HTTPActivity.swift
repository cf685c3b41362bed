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
        let (data, response) = try await received(request)
        guard let http = response as? HTTPURLResponse else {
            throw Failure(type: "InvalidResponse", message: "the server of \(input.url) does not speak HTTP")
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

    /// As a whole within the request's time: URLSession's own limit begins again with every byte.
    private func received(_ request: URLRequest) async throws -> (Data, URLResponse) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCache = nil
        return try await withThrowingTaskGroup(of: (Data, URLResponse).self) { group in
            defer { group.cancelAll() }
            group.addTask { try await data(for: request, configuration) }
            group.addTask {
                try await ContinuousClock().sleep(for: .seconds(request.timeoutInterval))
                throw noResponse(request, "no response came within \(Int(request.timeoutInterval)) s")
            }
            guard let received = try await group.next() else { throw CancellationError() }
            return received
        }
    }

    private func data(
        for request: URLRequest,
        _ configuration: URLSessionConfiguration
    ) async throws -> (Data, URLResponse) {
        do {
            return try await HTTPReception.receive(request, configuration, atMost: Self.mostBytes)
        } catch let error as HTTPReception.TooLarge {
            throw Failure(
                type: "ResponseTooLarge",
                message: """
                    the response of \(request.url?.absoluteString ?? "") has \(error.bytes) bytes or more, \
                    the limit is \(Self.mostBytes)
                    """,
                isNonRetriable: true
            )
        } catch let error as URLError {
            if Task.isCancelled { throw CancellationError() }
            // Nobody but the challenge below cancels a request whose task goes on.
            guard error.code != .cancelled else {
                throw Failure(
                    type: "Unauthorized",
                    message:
                        "\(request.url?.absoluteString ?? "") asks for a name and a password: give the request a header for it",
                    isNonRetriable: true
                )
            }
            throw noResponse(request, error.localizedDescription)
        }
    }

    private func noResponse(_ request: URLRequest, _ reason: String) -> Failure {
        Failure(
            type: "NoResponse",
            message: "\(request.httpMethod ?? "") \(request.url?.absoluteString ?? ""): \(reason)"
        )
    }
}
