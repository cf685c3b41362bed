import HTTPTypes
import RepriseKernel

/// The parameters that endpoints have: a misspelled one would be a filter that matches everything, or a start that does
/// not wait.
extension QueryParameters {
    func check(for endpoint: Endpoint) throws(Problem) {
        let known = endpoint.queryParameters.subtracting(["taskHub", "connection"])
        let lowercased = Set(known.union(Self.ofEveryClient).map { $0.lowercased() })
        guard let strange = names.subtracting(lowercased).min() else { return }
        throw Problem(
            .badRequest,
            "There is no parameter '\(strange.prefix(60))' here; "
                + (known.isEmpty ? "there are none" : "there are: \(known.sorted().joined(separator: ", "))")
        )
    }

    /// What clients of the reference send with every request.
    private static let ofEveryClient: Set<String> = [
        "taskHub", "connection", "code", "showHistory", "showHistoryOutput",
    ]
}
