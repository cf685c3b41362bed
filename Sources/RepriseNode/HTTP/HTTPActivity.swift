import Reprise
import RepriseEngine

/// Sends the requests of `context.callHTTP`. Every node that runs activities has it.
struct HTTPActivity: Activity {
    static let name = HTTPCall.activityName

    func run(_ context: ActivityContext, input: HTTPCall) async throws -> HTTPCallResult {
        let response = try await HTTPTransport.shared.send(OutgoingRequest(input))
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
}
