import HTTPTypes
import Hummingbird

/// The web page, and the files it consists of.
extension Gateway {
    /// Scripts and styles come only from here, none is inline, and no text ever becomes markup: what instances say
    /// about themselves is untrusted.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ].joined(separator: "; ")

    // MARK: GET /

    func page(_ call: Call) -> Response { file(.document, call) }

    // MARK: GET /assets/{name}

    func asset(_ name: String, _ call: Call) throws(Problem) -> Response {
        guard let asset = PageFile.assets[name] else { throw Problem(.notFound, "The page has no such file") }
        return file(asset, call)
    }

    private func file(_ file: PageFile, _ call: Call) -> Response {
        var headers: HTTPFields = [
            .contentSecurityPolicy: Self.policy, .cacheControl: "no-cache", .eTag: file.tag,
            .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
        ]
        if call.request.headers[values: .ifNoneMatch].contains(file.tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.contentType
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes))
        )
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = Self("Referrer-Policy")!
}
