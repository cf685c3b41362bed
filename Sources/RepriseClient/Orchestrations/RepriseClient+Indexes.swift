import Reprise
import RepriseKernel

/// The indexes of a gateway's read model, for its operator.
extension RepriseClient {
    /// How long a gateway with very many instances may take to build one.
    private static let timeout = Duration.seconds(600)

    /// What the gateway has indexed.
    package func indexes() async throws -> [(path: String, isBuiltIn: Bool)] {
        let answer = try await granted(request(.get), by: [200])
        let indexes = try answer.json().members?["indexes"]?.elements?.compactMap { view in
            view.members.flatMap { members in
                members["path"]?.text.map { (path: $0, isBuiltIn: members["isBuiltIn"]?.bool ?? false) }
            }
        }
        guard let indexes else { throw answer.unexpected("it contains no indexes") }
        return indexes
    }

    /// - Returns: false when it was there before.
    package func addIndex(_ path: String) async throws -> Bool {
        var request = request(.post)
        var body = JSONObject()
        body.add("path", path)
        request.body = Payload(trusted: body.bytes)
        return try await granted(request, timeout: Self.timeout, by: [200, 201]).status == 201
    }

    /// - Returns: false when there was none.
    package func removeIndex(_ path: String) async throws -> Bool {
        var request = request(.delete)
        request.query = [("path", path)]
        let answer = try await send(request, timeout: Self.timeout)
        // A 404 from a proxy that does not know the path does not contain our message.
        if answer.status == 404, answer.body.isEmpty || (try? answer.json().members?["Message"]) != nil { return false }
        guard answer.status == 204 else { throw RepriseError(answer, about: "the index of '\(path)'") }
        return true
    }

    private func request(_ method: GatewayRequest.Method) -> GatewayRequest {
        var request = GatewayRequest(method, "indexes")
        request.root = .own
        return request
    }
}
