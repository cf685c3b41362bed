import Foundation
import FoundationNetworking
import Testing

/// The gateway as a client sees it.
struct HTTPClient: Sendable {
    let port: Int
    private let session: URLSession

    struct Response: Sendable {
        var status: Int
        var headers: [String: String]
        var body: Data

        var json: [String: Any]? { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] }
        var text: String { String(decoding: body, as: UTF8.self) }
        /// Every body is empty or JSON.
        var isEmptyOrJSON: Bool {
            body.isEmpty || (try? JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed)) != nil
        }
    }

    init(port: Int) {
        self.port = port
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 30
        configuration.httpMaximumConnectionsPerHost = 16
        session = URLSession(configuration: configuration)
    }

    func send(
        _ method: String,
        _ path: String,
        body: Data? = nil,
        headers: [String: String] = [:],
        base: String = "/runtime/webhooks/durabletask"
    ) async throws -> Response {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(base)\(path)"))
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await session.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        var found: [String: String] = [:]
        for (name, value) in answer.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        return Response(status: answer.statusCode, headers: found, body: data)
    }
}
