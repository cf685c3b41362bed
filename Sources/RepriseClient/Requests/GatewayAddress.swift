package import Foundation
package import Reprise

/// Where the gateway is, and how its routes are written.
package struct GatewayAddress: Sendable, CustomStringConvertible {
    /// Scheme, host, port, and the path under which a proxy has put the gateway; no slash at the end.
    private let origin: String
    private let hub: String?

    static let base = "/runtime/webhooks/durabletask"

    package init(_ text: String, hub: String? = nil) throws(RepriseError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.query == nil, parts.fragment == nil, parts.user == nil
        else {
            throw RepriseError(
                .address,
                "'\(text.prefix(120))' is not the address of a gateway, which looks like http://127.0.0.1:7071"
            )
        }
        var path = parts.percentEncodedPath
        while path.last == "/" { path.removeLast() }
        let port = parts.port.map { ":\($0)" } ?? ""
        // An address copied from the gateway's own links works too.
        if path.lowercased().hasSuffix(Self.base) { path.removeLast(Self.base.count) }
        origin = "\(scheme)://\(parts.percentEncodedHost ?? host)\(port)\(path)"
        self.hub = hub
    }

    package var description: String { origin }

    package func url(_ request: GatewayRequest) -> URL? {
        var text = request.root == .own ? origin : origin + Self.base
        for segment in request.path { text += "/\(Self.segment(segment))" }
        var query = request.query
        if let hub { query.append(("taskHub", hub)) }
        for (index, parameter) in query.enumerated() {
            text += "\(index == 0 ? "?" : "&")\(parameter.name)=\(Self.escaped(parameter.value))"
        }
        return URL(string: text)
    }

    /// Escapes everything except letters, digits and `- . _ ~`: another program may give an unescaped character a
    /// meaning.
    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }

    /// `.` and `..` would be taken as path steps.
    private static func segment(_ text: String) -> String {
        text == "." || text == ".." ? text.replacing(".", with: "%2E") : escaped(text)
    }

    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    )
}
