import GRDB
import RepriseEngine

extension StatusModel {
    /// Reads within the limits of a search, on its own connections: an expensive one never delays reading a status.
    ///
    /// - Throws: ``SearchError``, or what `body` throws.
    func search<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await gate.pass(
            orThrow: SearchError(.busy, "\(gate.limit) searches are in progress: try again in a moment")
        ) {
            // When canceled, the read is interrupted.
            let value = try await within(searchLimits.time, of: ContinuousClock()) { [searches] in
                try await searches.read(body)
            }
            guard let value else {
                throw SearchError(
                    .tooSlow,
                    "the search was ended after \(searchLimits.time): ask for less, or index what it asks for, "
                        + "like this: reprise index add 'customStatus.stage'"
                )
            }
            return value
        }
    }
}
