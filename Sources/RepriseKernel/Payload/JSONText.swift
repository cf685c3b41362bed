/// A JSON object in the making; payloads go in as the bytes they are.
package struct JSONText: Sendable {
    private var content: [UInt8] = []

    package init() {}

    package var bytes: [UInt8] { [UInt8(ascii: "{")] + content + [UInt8(ascii: "}")] }

    package mutating func add(_ name: String, _ value: Payload) { add(name, raw: value.bytes) }
    package mutating func add(_ name: String, _ value: String?) { add(name, value.map(Payload.string) ?? .null) }
    package mutating func add(_ name: String, _ value: some BinaryInteger) { add(name, raw: Array(String(value).utf8)) }
    package mutating func add(_ name: String, _ value: Bool) { add(name, raw: Array((value ? "true" : "false").utf8)) }
    package mutating func add(_ name: String, _ value: JSONText) { add(name, raw: value.bytes) }
    package mutating func add(_ name: String, _ values: [JSONText]) { add(name, raw: Self.array(values)) }

    package mutating func add(_ name: String, raw: [UInt8]) {
        if !content.isEmpty { content.append(UInt8(ascii: ",")) }
        content += Payload.string(name).bytes
        content.append(UInt8(ascii: ":"))
        content += raw
    }

    /// One element per line: good for people, for `jq` and for `grep`.
    package static func array(_ values: [JSONText]) -> [UInt8] {
        guard !values.isEmpty else { return Array("[]".utf8) }
        return Array("[\n".utf8) + Array(values.map(\.bytes).joined(separator: Array(",\n".utf8))) + Array("\n]".utf8)
    }
}
