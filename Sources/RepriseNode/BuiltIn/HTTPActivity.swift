import AsyncHTTPClient
import NIOPosix
import Reprise
import RepriseEngine

/// Sends the requests of `context.callHTTP`. Every node that runs activities has it.
struct HTTPActivity: Activity {
    static let name = HTTPCall.activityName

    func run(_ context: ActivityContext, input: HTTPCall) async throws -> HTTPCallResult {
        let request = try OutgoingRequest(input)
        let response = try await received(request)
        let challenge = response.header("www-authenticate")?.lowercased() ?? ""
        if response.statusCode == 401, ["basic", "digest"].contains(where: challenge.hasPrefix) {
            throw Failure(
                type: "Unauthorized",
                message: "\(input.url) asks for a user name and password: add a header for them to the request",
                isNonRetriable: true
            )
        }
        if let failure = input.failure(for: response) { throw failure }
        return response
    }

    /// The whole response within the request's time, however slowly the bytes arrive.
    private func received(_ request: OutgoingRequest) async throws -> HTTPCallResult {
        let response = try await within(.seconds(request.timeoutSeconds), of: ContinuousClock()) {
            do {
                return try await HTTPReception.receive(request)
            } catch let error as Failure {
                throw error
            } catch {
                if Task.isCancelled { throw CancellationError() }
                throw request.noResponse(Self.sentence(error))
            }
        }
        guard let response else {
            throw request.noResponse("no response came within \(Int(request.timeoutSeconds)) s")
        }
        return response
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.description
        case let error as NIOConnectionError:
            "nothing answers at \(error.host):\(error.port)"
                + (error.connectionErrors.first.map { " (\($0.error))" } ?? "")
        default: "\(error)"
        }
    }
}
