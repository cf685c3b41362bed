import RepriseKernel
import SystemPackage

/// A file of settings: what it gives for each key, as the text that an environment would give.
package struct SettingsFile {
    /// By key: `reprise.amqp.url`.
    package let values: [String: String]
    /// A remark about names that look like settings and are not read.
    package let remark: String?

    private static let limit = 1 << 20
    private static let prefix = "reprise."

    /// - Parameter mayBeMissing: true for the default file, which no one has named.
    /// - Throws: ``SettingsError`` that says what in it cannot be used.
    init(at path: String, mayBeMissing: Bool) throws(SettingsError) {
        let bytes: [UInt8]
        do {
            bytes = try Self.bytes(of: FilePath(path))
        } catch Errno.noSuchFileOrDirectory where mayBeMissing {
            self.init(values: [:], remark: nil)
            return
        } catch {
            throw SettingsError("the configuration file '\(path)' cannot be read: \(error)")
        }
        try self.init(bytes, path: path)
    }

    private init(values: [String: String], remark: String?) {
        self.values = values
        self.remark = remark
    }

    package init(_ bytes: [UInt8], path: String) throws(SettingsError) {
        let top: NamedMembers<JSONView>
        do {
            guard bytes.count <= Self.limit else {
                throw SettingsError("the configuration file '\(path)' has more than \(Self.limit) bytes")
            }
            guard let members = try JSONView(checking: bytes).members else {
                throw SettingsError("the configuration file '\(path)' is not a JSON object: {\"reprise\": {…}}")
            }
            top = members
        } catch let error as SettingsError {
            throw error
        } catch {
            throw SettingsError("the configuration file '\(path)' cannot be read: \(error)")
        }
        var found: [(key: String, value: String?)] = []
        if let settings = top["reprise"] {
            guard let members = settings.members else {
                throw SettingsError("the configuration file '\(path)': \"reprise\" must be an object of settings")
            }
            Self.collect(members, under: "", into: &found)
        }
        // {"reprise.hub": …}: the full names, as in errors and articles.
        for (name, value) in top where name.hasPrefix(Self.prefix) {
            let key = String(name.dropFirst(Self.prefix.count))
            if let members = value.members {
                Self.collect(members, under: key + ".", into: &found)
            } else {
                found.append((key, Self.text(value)))
            }
        }
        let remark = try KnownSettings.check(top: top.names, keys: found.map(\.key), path: path)
        var values: [String: String] = [:]
        for (key, value) in found { values[Self.prefix + key] = value }
        self.init(values: values, remark: remark)
    }

    /// `{"reprise": {"amqp": {"url": …}}}`, `{"reprise": {"amqp.url": …}}` and `{"reprise.amqp.url": …}` are one; the second way, a file can hold `log` and `log.level`.
    private static func collect(
        _ members: NamedMembers<JSONView>,
        under prefix: String,
        into found: inout [(key: String, value: String?)]
    ) {
        for (name, value) in members {
            if let members = value.members {
                collect(members, under: prefix + name + ".", into: &found)
            } else {
                found.append((prefix + name, text(value)))
            }
        }
    }

    private static func text(_ value: JSONView) -> String? {
        if value.isNull { return nil }
        if let elements = value.elements { return elements.compactMap(text).joined(separator: ",") }
        return value.text ?? value.payload.text
    }

    private static func bytes(of path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 65_536)
            // Only enough to see that it is too large.
            while bytes.count <= limit {
                let count = try part.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { break }
                bytes += part[..<count]
            }
            return bytes
        }
    }
}
