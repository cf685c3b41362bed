/// The parts of an AMQP URL, split and percent-decoded.
///
/// Written by hand because no message may repeat the text, which contains a password.
struct AMQPURL {
    /// Why a URL cannot be used: what follows a colon.
    struct Problem: Error {
        let reason: String
    }

    private(set) var isSecure = false
    private(set) var username: String?
    private(set) var password: String?
    private(set) var host = "localhost"
    private(set) var port: Int?
    private(set) var virtualHost = "/"
    private(set) var query: [(name: String, value: String)] = []

    init(_ text: String) throws(Problem) {
        guard let separator = text.firstRange(of: "://") else {
            throw Self.invalid("it has no scheme; write amqp://host")
        }
        switch text[..<separator.lowerBound].lowercased() {
        case "amqp": isSecure = false
        case "amqps": isSecure = true
        default: throw Self.invalid("the scheme must be amqp or amqps")
        }
        var rest = text[separator.upperBound...]
        if rest.contains("#") { throw Self.invalid("it has a fragment; write # as %23") }
        if let mark = rest.firstIndex(of: "?") {
            try readQuery(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            if path.contains("/") { throw Self.invalid("the virtual host contains a slash; write it as %2F") }
            // A bare slash is RabbitMQ's way to name the virtual host with the empty name; hardly anyone means that.
            if !path.isEmpty { virtualHost = try Self.decode(path, "the virtual host") }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            try readUser(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        try readAuthority(rest)
    }

    private mutating func readUser(_ text: Substring) throws(Problem) {
        guard let colon = text.firstIndex(of: ":") else {
            username = try Self.decode(text, "the user name")
            return
        }
        username = try Self.decode(text[..<colon], "the user name")
        password = try Self.decode(text[text.index(after: colon)...], "the password")
    }

    private mutating func readAuthority(_ text: Substring) throws(Problem) {
        var hostText = text
        var portText: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw Self.invalid("the bracket of the IPv6 address is not closed")
            }
            hostText = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            if !tail.isEmpty {
                guard tail.first == ":" else { throw Self.invalid("there is something between the host and the port") }
                portText = tail.dropFirst()
            }
        } else if let colon = text.firstIndex(of: ":") {
            hostText = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        if hostText.contains(",") {
            throw Self.invalid("the host contains a comma; of several URLs each has its scheme: amqp://one,amqp://two")
        }
        if !hostText.isEmpty { host = try Self.decode(hostText, "the host") }
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw Self.invalid("the port is not a number between 1 and 65535")
            }
            port = number
        }
    }

    private mutating func readQuery(_ text: Substring) throws(Problem) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(parts[0], "a name in the query")
            let value = try Self.decode(parts.count > 1 ? parts[1] : "", "the value of \(name)")
            query.append((name, value))
        }
    }

    private static func decode(_ text: Substring, _ what: String) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                throw invalid("\(what) has a % not followed by two hexadecimal digits; write % as %25")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw invalid("\(what) is not UTF-8") }
        return decoded
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func invalid(_ reason: String) -> Problem { Problem(reason: reason) }
}

extension AMQPURL {
    /// Reads one URL, or several with commas between.
    static func configuration(ofList text: String) throws(RabbitMQError) -> RabbitMQConnectionConfiguration {
        let urls = split(text)
        func refused(_ index: Int, _ reason: String) -> RabbitMQError {
            let which = urls.count == 1 ? "The AMQP URL" : "AMQP URL \(index + 1) of \(urls.count)"
            return RabbitMQError(.invalidURL, "\(which) cannot be used: \(reason).")
        }
        func read(_ index: Int) throws(RabbitMQError) -> RabbitMQConnectionConfiguration {
            do throws(Problem) {
                return try AMQPURL(urls[index]).configuration()
            } catch {
                throw refused(index, error.reason)
            }
        }
        var result = try read(0)
        for index in urls.indices.dropFirst() {
            let next = try read(index)
            if let part = result.firstDifference(from: next) {
                throw refused(
                    index,
                    "it has another \(part) than the first; the brokers of one cluster differ in host and port only"
                )
            }
            let broker = next.brokers[0]
            if result.brokers.contains(broker) { throw refused(index, "an earlier one names the same broker") }
            result.others.append(broker)
        }
        return result
    }

    /// A comma belongs to a URL unless another begins after it.
    private static func split(_ text: String) -> [String] {
        var urls: [String] = []
        var rest = text[...]
        while let comma = rest.firstMatch(of: /\s*,\s*(?=[A-Za-z][A-Za-z0-9+.\-]*:\/\/)/) {
            urls.append(String(rest[..<comma.range.lowerBound]))
            rest = rest[comma.range.upperBound...]
        }
        return urls + [String(rest)]
    }

    func configuration() throws(Problem) -> RabbitMQConnectionConfiguration {
        var result = RabbitMQConnectionConfiguration(
            host: host,
            port: port,
            virtualHost: virtualHost,
            tls: isSecure ? .init() : nil
        )
        if let username { result.username = username }
        if let password { result.password = password }
        for (name, value) in query {
            switch name {
            case "heartbeat": result.heartbeat = .seconds(try number(name, value, "seconds", in: 0...3_600))
            case "connection_timeout":
                // As in RabbitMQ's URI specification. A value below 100 is meant as seconds, and would never connect.
                result.connectTimeout = .milliseconds(try number(name, value, "milliseconds", in: 100...3_600_000))
            case "cacertfile", "certfile", "keyfile", "verify":
                guard result.tls != nil else { throw Self.invalid("\(name) needs amqps") }
                try apply(name, value, to: &result.tls)
            default: throw Self.invalid("the query has an unknown name, \(name)")
            }
        }
        return result
    }

    private func apply(_ name: String, _ value: String, to tls: inout RabbitMQConnectionConfiguration.TLS?)
        throws(Problem)
    {
        switch (name, value) {
        case ("cacertfile", _): tls?.caCertificateFile = value
        case ("certfile", _): tls?.certificateFile = value
        case ("keyfile", _): tls?.keyFile = value
        case (_, "verify_none"): tls?.verifiesPeer = false
        case (_, "verify_peer"): tls?.verifiesPeer = true
        default: throw Self.invalid("verify must be verify_peer or verify_none")
        }
    }

    private func number(
        _ name: String,
        _ value: String,
        _ unit: String,
        in range: ClosedRange<Int>
    ) throws(Problem) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw Self.invalid(
                "\(name) must be a number of \(unit) between \(range.lowerBound) and \(range.upperBound)"
            )
        }
        return number
    }
}

extension RabbitMQConnectionConfiguration {
    /// The first part, for messages, in which two URLs of one cluster must not differ.
    fileprivate func firstDifference(from other: Self) -> String? {
        if (tls == nil) != (other.tls == nil) { return "scheme" }
        if username != other.username { return "user" }
        if password != other.password { return "password" }
        if virtualHost != other.virtualHost { return "virtual host" }
        let isSame = tls == other.tls && heartbeat == other.heartbeat && connectTimeout == other.connectTimeout
        return isSame ? nil : "query"
    }
}

/// Contains a password, which no log and no dump may show.
extension AMQPURL: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: ["host": host]) }
}
