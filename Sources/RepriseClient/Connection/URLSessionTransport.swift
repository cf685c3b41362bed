package import Foundation
package import RepriseKernel

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// HTTP with the system's own client.
///
/// What its Linux version does by itself, and must not here: it opens six connections to a host, which six requests held
/// by the gateway would use up; a `WWW-Authenticate` leaves the request hanging forever; a redirected POST becomes a
/// GET; and a body without a type is called a form.
package final class URLSessionTransport: Transport {
    private let session: URLSession
    private let receptions: Receptions
    /// As many as the gateway serves at once, less some for others.
    private static let connections = 512

    /// - Parameter maximumAnswer: how many bytes of an answer's body are taken: they are held in memory.
    package init(maximumAnswer: Int = 64 << 20) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = Self.connections
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        // Callers limit their requests; this limit is only above any time a gateway may hold one.
        configuration.timeoutIntervalForRequest = 600
        receptions = Receptions(maximumBody: maximumAnswer)
        session = URLSession(configuration: configuration, delegate: receptions, delegateQueue: nil)
    }

    deinit { session.invalidateAndCancel() }

    package func send(
        _ method: GatewayRequest.Method,
        _ url: URL,
        headers: [String: String],
        body: Payload?
    ) async throws(TransportFailure) -> GatewayAnswer {
        var request = URLRequest(url: url)
        request.httpMethod = method.rawValue
        request.httpBody = body.map { Data($0.bytes) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        do {
            let (response, body) = try await receptions.receive(session.dataTask(with: request))
            var fields: [String: String] = [:]
            for (name, value) in response.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
            return GatewayAnswer(status: response.statusCode, headers: fields, body: body)
        } catch let failure as TransportFailure {
            throw failure
        } catch {
            if Task.isCancelled { throw TransportFailure(.cancelled, "the task was canceled") }
            // Only the challenge below cancels a request whose task is still running.
            guard (error as? URLError)?.code != .cancelled else {
                throw TransportFailure(.challenged, "a user name and password are required")
            }
            throw TransportFailure(.lost, Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .cannotConnectToHost: "nothing listens there"
        case .cannotFindHost: "there is no such host"
        case .networkConnectionLost: "the connection was lost"
        case .timedOut: "no answer came"
        case .secureConnectionFailed, .serverCertificateUntrusted: "the secure connection failed"
        default: error.localizedDescription
        }
    }
}
