/// A JSON object written field by field, in the order its readers expect; payloads are inserted byte for byte.
package struct JSONObject: Sendable {
    private var content: [UInt8] = [UInt8(ascii: "{")]

    package init() {}

    package var bytes: [UInt8] { content + [UInt8(ascii: "}")] }

    package mutating func add(_ name: String, _ value: Payload) { add(name, raw: value.bytes) }
    package mutating func add(_ name: String, _ value: String?) { add(name, value.map(Payload.string) ?? .null) }
    package mutating func add(_ name: String, _ value: some BinaryInteger) { add(name, raw: Array(String(value).utf8)) }
    package mutating func add(_ name: String, _ value: Int64?) {
        add(name, raw: value.map { Array(String($0).utf8) } ?? Payload.null.bytes)
    }
    package mutating func add(_ name: String, _ value: Bool) { add(name, raw: Array((value ? "true" : "false").utf8)) }
    package mutating func add(_ name: String, _ value: JSONObject) { add(name, raw: value.bytes) }
    package mutating func add(_ name: String, _ values: [JSONObject]) { add(name, raw: Self.array(values)) }
    package mutating func add(_ name: String, lines values: [JSONObject]) { add(name, raw: Self.lines(values)) }

    package mutating func add(_ name: String, texts: [String]) {
        add(name, raw: Self.array(texts.map { Payload.string($0).bytes }, between: ","))
    }

    package mutating func addNull(_ name: String) { add(name, Payload.null) }

    package mutating func add(_ name: String, raw: [UInt8]) {
        if content.count > 1 { content.append(UInt8(ascii: ",")) }
        content += Payload.string(name).bytes
        content.append(UInt8(ascii: ":"))
        content += raw
    }

    /// For programs.
    package static func array(_ values: [JSONObject]) -> [UInt8] { array(values.map(\.bytes), between: ",") }

    /// One element per line: good for people, for `jq` and for `grep`.
    package static func lines(_ values: [JSONObject]) -> [UInt8] {
        values.isEmpty ? array([], between: "") : array(values.map(\.bytes), between: ",\n", around: "\n")
    }

    private static func array(_ values: [[UInt8]], between separator: String, around: String = "") -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")] + around.utf8
        bytes.reserveCapacity(values.reduce(4) { $0 + $1.count + 2 })
        for (index, value) in values.enumerated() {
            if index > 0 { bytes += separator.utf8 }
            bytes += value
        }
        return bytes + around.utf8 + [UInt8(ascii: "]")]
    }
}
