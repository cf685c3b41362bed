import Foundation
import Reprise

/// A request that may be sent: what HTTP cannot express is refused, since on the wire it would be a different request.
struct OutgoingRequest: Sendable {
    let method: String
    let url: String
    private let headers: [(name: String, value: String)]
    let body: String?
    let timeoutSeconds: Double

    /// - Throws: ``Failure`` of type `InvalidRequest` that names what is wrong, and never a header's value.
    init(_ request: HTTPCall) throws(Failure) {
        guard let url = URL(string: request.url), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), url.host()?.isEmpty == false
        else {
            throw Self.invalid("'\(request.url.prefix(200))' is not an address that begins with http:// or https://")
        }
        guard Self.isToken(request.method) else {
            throw Self.invalid("the method must be a word such as GET, not '\(Self.shown(request.method))'")
        }
        var headers: [(name: String, value: String)] = []
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
            guard Self.isToken(name) else {
                throw Self.invalid("'\(Self.shown(name))' is not a valid header name")
            }
            guard !value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else {
                throw Self.invalid(
                    """
                    the value of the header '\(name)' has a control character, such as a line's end behind a secret \
                    that was read from a file: take it away
                    """
                )
            }
            headers.append((name, value))
        }
        if request.body != nil, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        method = request.method.uppercased()
        self.url = url.absoluteString
        self.headers = headers
        body = request.body
        timeoutSeconds = min(max(1, request.timeoutSeconds), 86_400)
    }

    /// What is sent as the body: an empty one where a method is expected to have one.
    var sentBody: String? { body ?? (["PATCH", "POST", "PUT"].contains(method) ? "" : nil) }

    /// As libcurl takes them. Without a value, one that libcurl would add by itself is left out.
    var headerLines: [String] {
        let lengths: Set = ["content-length", "attempt-encoding"]
        let lines = headers.filter { !lengths.contains($0.name.lowercased()) }
            .map { $0.value.allSatisfy { $0 == " " || $0 == "\t" } ? "\($0.name);" : "\($0.name): \($0.value)" }
        let given = Set(headers.map { $0.name.lowercased() })
        return lines
            + ["Accept", "Content-Type", "Expect"].filter { !given.contains($0.lowercased()) }.map { "\($0):" }
    }

    func noResponse(_ reason: String) -> Failure {
        Failure(type: "NoResponse", message: "\(method) \(url): \(reason)")
    }

    /// - Parameter bytes: as many as it declares, or as had arrived when it was given up.
    func tooLarge(_ bytes: Int64) -> Failure {
        Failure(
            type: "ResponseTooLarge",
            message: "the response of \(url) has \(bytes) bytes or more, the limit is \(HTTPReception.maximumBytes)",
            isNonRetriable: true
        )
    }

    private static func invalid(_ message: String) -> Failure {
        Failure(type: "InvalidRequest", message: message, isNonRetriable: true)
    }

    /// On one line, shortened to a readable length.
    private static func shown(_ text: String) -> String {
        text.prefix(60).unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : String($0) }
            .joined()
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
