/// Writes the journal's own binary form: integers as LEB128, byte strings with their length first.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []
    package init() {}

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    package mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Zigzag, so that small negative numbers stay short.
    package mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    package mutating func string(_ text: String) {
        unsigned(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func string(_ content: [UInt8]) {
        unsigned(UInt64(content.count))
        bytes.append(contentsOf: content)
    }
}

/// Reads what ``ByteWriter`` wrote. Damaged bytes throw; they never trap.
package struct ByteReader {
    package struct Damaged: Error, Sendable, CustomStringConvertible {
        package let description: String
        package init(description: String) { self.description = description }
    }

    private let bytes: [UInt8]
    private var at: Int

    package init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        self.at = min(start, bytes.count)
    }

    package var isAtEnd: Bool { at >= bytes.count }

    package mutating func byte() throws(Damaged) -> UInt8 {
        guard at < bytes.count else { throw Damaged(description: "ends too early") }
        defer { at += 1 }
        return bytes[at]
    }

    package mutating func unsigned() throws(Damaged) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
        }
        throw Damaged(description: "a number has too many bytes")
    }

    package mutating func signed() throws(Damaged) -> Int64 {
        let raw = try unsigned()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    package mutating func content() throws(Damaged) -> [UInt8] {
        let count = try unsigned()
        guard count <= UInt64(bytes.count - at) else { throw Damaged(description: "a length leads past the end") }
        defer { at += Int(count) }
        return Array(bytes[at..<(at + Int(count))])
    }

    package mutating func string() throws(Damaged) -> String {
        let content = try content()
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Damaged(description: "a text is not UTF-8")
        }
        return text
    }
}
