import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

/// The health of the gateway itself.
extension Gateway {
    // MARK: GET /health

    /// Reports how far the read model lags, as far as it knows; it asks no other program, so that it always answers at
    /// once.
    func health() async throws -> Response {
        let positions = try await model.appliedPositions()
        let isBehind = positions.contains { $0.run != nil || $0.lag > 0 }
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add("status", isBehind ? "behind" : "ok")
        body.add("lag", positions.reduce(0) { $0 + $1.lag })
        body.add(
            "partitions",
            positions.map { position in
                var partition = JSONObject()
                partition.add("partition", Int64(position.partition.value))
                partition.add("applied", position.applied.rawValue)
                partition.add("known", position.known.rawValue)
                partition.add("lag", position.lag)
                partition.add("hasGap", position.run != nil)
                return partition
            }
        )
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }
}
