package import RepriseKernel

/// A message that could not be processed, as people look at it: why, where it was published, and what it was.
package struct StoredDeadLetter: Equatable, Sendable {
    /// By which people name it; empty for what no node of the hub put aside.
    package var id: String
    package var reason: String
    package var code: String
    /// When it became a dead letter.
    package var time: Timestamp
    package var exchange = ""
    package var routingKey = ""
    package var type: String?
    package var messageID: String?
    package var correlationID: String?
    package var contentType: String?
    package var appID: String?
    /// The instance that it was for.
    package var instance: String?
    /// In the order of their names.
    package var headers: [Header] = []
    /// Nil when it was not kept, or not asked for.
    package var body: [UInt8]?
    /// Of the body as it was sent, in bytes.
    package var size = 0
    /// Whether it can be sent again: a body that was too large was not kept.
    package var isKept = true

    package struct Header: Equatable, Sendable {
        package var name: String
        package var text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    package init(id: String, reason: String, code: String, time: Timestamp) {
        (self.id, self.reason, self.code, self.time) = (id, reason, code, time)
    }

    // MARK: For programs

    /// What a list says of it.
    package var summary: JSONObject {
        var object = JSONObject()
        object.add("id", id)
        object.add("reason", reason)
        object.add("code", code)
        object.add("time", TimeText.milliseconds(time))
        object.add("exchange", exchange)
        object.add("routingKey", routingKey)
        object.add("type", type)
        object.add("messageId", messageID)
        object.add("correlationId", correlationID)
        object.add("instanceId", instance)
        object.add("size", size)
        object.add("isKept", isKept)
        return object
    }

    /// All of it, but of a long body only the beginning.
    package func whole(bodyUpTo limit: Int = .max) -> JSONObject {
        var object = summary
        object.add("contentType", contentType)
        object.add("appId", appID)
        var named = JSONObject()
        for header in headers { named.add(header.name, header.text) }
        object.add("headers", named)
        object.add("body", body.map { String(decoding: $0.prefix(limit), as: UTF8.self) })
        object.add("isTruncated", (body?.count ?? 0) > limit)
        return object
    }
}
