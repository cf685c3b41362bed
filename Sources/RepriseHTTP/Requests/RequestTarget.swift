/// What a request's first line asks for: path segments and query, decoded.
struct RequestTarget: Sendable {
    /// Path and query as received.
    let raw: String
    /// The path's segments; nil where one is not UTF-8. Slashes at both ends do not count.
    let segments: [String?]
    let query: QueryParameters

    init(_ target: String) {
        var text = target[...]
        // As a proxy asks: with the whole URL.
        if !text.hasPrefix("/"), let scheme = text.firstRange(of: "://") {
            let rest = text[scheme.upperBound...]
            text = rest.firstIndex(where: { $0 == "/" || $0 == "?" }).map { rest[$0...] } ?? "/"
        }
        text = text.prefix { $0 != "#" }
        raw = String(text)
        let path = text.prefix { $0 != "?" }
        segments = path.trimming("/").split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentCoding.decode($0) }
        query = QueryParameters(text.dropFirst(path.count + 1))
    }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> Substring {
        var text = drop { $0 == character }
        while text.last == character { text.removeLast() }
        return text
    }
}

/// A query's parameters. Names are compared case-insensitively; a name may come more than once.
struct QueryParameters: Sendable {
    private var pairs: [(name: String, value: String)] = []
    /// False when a pair is not UTF-8: if it were ignored, a filter would match everything.
    private(set) var isLegible = true

    init(_ text: some StringProtocol) {
        for pair in text.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let value = pair.dropFirst(name.count + 1)
            guard let name = PercentCoding.decode(name, plusIsBlank: true),
                let value = PercentCoding.decode(value, plusIsBlank: true)
            else {
                isLegible = false
                continue
            }
            pairs.append((name.lowercased(), value))
        }
    }

    /// The first value of the name, even an empty one.
    subscript(name: String) -> String? { pairs.first { $0.name == name.lowercased() }?.value }

    /// The names that occur, in lower case.
    var names: Set<String> { Set(pairs.map(\.name)) }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name.lowercased() }.map(\.value) }

    /// `true` or `false` in any case; anything else is the default.
    func bool(_ name: String, default value: Bool) -> Bool {
        switch self[name]?.lowercased() {
        case "true": true
        case "false": false
        default: value
        }
    }
}
