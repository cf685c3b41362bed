import RepriseKernel

/// A JSON object written field by field, in the order that clients expect; payloads go in as the bytes they are.
struct JSONObject {
    private var content: [UInt8] = [UInt8(ascii: "{")]

    init() {}

    var bytes: [UInt8] { content + [UInt8(ascii: "}")] }

    mutating func add(_ name: String, _ value: Payload) { add(name, raw: value.bytes) }

    mutating func add(_ name: String, _ value: String) { add(name, raw: Payload.string(value).bytes) }

    mutating func add(_ name: String, _ value: Int64) { add(name, raw: Array(String(value).utf8)) }

    mutating func add(_ name: String, _ value: Bool) { add(name, raw: Array((value ? "true" : "false").utf8)) }

    mutating func add(_ name: String, _ values: [JSONObject]) { add(name, raw: JSONObject.array(values)) }

    mutating func add(_ name: String, texts: [String]) {
        let values = texts.map { Payload.string($0).bytes }.joined(separator: [UInt8(ascii: ",")])
        add(name, raw: [UInt8(ascii: "[")] + values + [UInt8(ascii: "]")])
    }

    mutating func add(_ name: String, _ value: JSONObject) { add(name, raw: value.bytes) }

    mutating func addNull(_ name: String) { add(name, Payload.null) }

    private mutating func add(_ name: String, raw: [UInt8]) {
        if content.count > 1 { content.append(UInt8(ascii: ",")) }
        content += Payload.string(name).bytes
        content.append(UInt8(ascii: ":"))
        content += raw
    }

    static func array(_ values: [JSONObject]) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        bytes.reserveCapacity(values.reduce(2) { $0 + $1.content.count + 2 })
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += value.content
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}
