import RabbitMQ
import RepriseKernel

extension ReceivedMessage {
    /// The body as JSON: an absent one is null; one that is too large, or not JSON in UTF-8, is refused.
    func payload(limits: Limits) throws(Rejection) -> Payload {
        let bytes = try bytes(limits: limits)
        try checkContentType()
        do {
            return try Payload(checking: bytes)
        } catch {
            throw Rejection(.invalid, error.description)
        }
    }

    /// The body's bytes, unless they are more than the hub takes.
    func bytes(limits: Limits) throws(Rejection) -> [UInt8] {
        switch body {
        case .bytes(let bytes):
            guard bytes.count <= limits.bodyBytes else { throw Self.tooLarge(bytes.count, limits: limits) }
            return bytes
        case .dropped(let size, _):
            throw Self.tooLarge(size, limits: limits)
        }
    }

    private func checkContentType() throws(Rejection) {
        // A parameter such as "; charset=utf-8" changes nothing: the bytes are checked to be UTF-8 anyway.
        if let type = properties.contentType?.split(separator: ";").first?.lowercased(),
            type.filter({ $0 != " " }) != "application/json"
        {
            throw Rejection(.invalid, "the content type must be 'application/json', not '\(type.prefix(80))'")
        }
        if let encoding = properties.contentEncoding?.lowercased(),
            !["", "utf-8", "utf8", "identity"].contains(encoding)
        {
            throw Rejection(
                .invalid,
                "the content encoding '\(encoding.prefix(80))' is not supported: send plain UTF-8"
            )
        }
    }

    private static func tooLarge(_ size: some BinaryInteger, limits: Limits) -> Rejection {
        Rejection(.tooLarge, "the body has \(size) bytes, the limit is \(limits.bodyBytes)")
    }
}
