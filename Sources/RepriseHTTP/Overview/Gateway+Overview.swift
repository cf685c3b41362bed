import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

/// Our own addresses, beside the compatible ones.
extension Gateway {
    // MARK: GET /health

    /// Says how far the read model is behind, as far as it knows; asks nobody, so that it always answers at once.
    func health() async throws -> Response {
        let progress = try await model.progress()
        let isBehind = progress.contains { $0.run != nil || $0.lag > 0 }
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add("status", isBehind ? "behind" : "ok")
        body.add("lag", progress.reduce(0) { $0 + $1.lag })
        body.add(
            "partitions",
            progress.map { progress in
                var partition = JSONObject()
                partition.add("partition", Int64(progress.partition.value))
                partition.add("applied", progress.applied)
                partition.add("known", progress.known)
                partition.add("lag", progress.lag)
                partition.add("hasGap", progress.run != nil)
                return partition
            }
        )
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    // MARK: GET /overview

    /// What the page shows: how many instances stand where, and the newest of them.
    func overview() async throws -> Response {
        let counts = try await model.countByStatus()
        var numbers = JSONObject()
        for status in RuntimeStatus.allCases where counts[status] != nil {
            numbers.add(status.rawValue, Int64(counts[status] ?? 0))
        }
        let newest = try await model.newest(50).map { status in
            var instance = JSONObject()
            instance.add("name", status.name)
            instance.add("instanceId", status.instance.value)
            instance.add("runtimeStatus", status.runtimeStatus.rawValue)
            instance.add("customStatus", status.customStatus)
            instance.add("createdTime", TimeText.milliseconds(status.createdTime))
            instance.add("lastUpdatedTime", TimeText.milliseconds(status.lastUpdatedTime))
            return instance
        }
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add("counts", numbers)
        body.add("instances", newest)
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    // MARK: GET /

    func page() -> Response {
        let nonce = makeID()
        let policy =
            "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy: policy,
                .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: InstancePageHTML.text(nonce: nonce)))
        )
    }
}
