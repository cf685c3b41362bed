/// A JSON value as the bytes that were received: checked once at the edge, carried unchanged ever after.
public struct Payload: Hashable, Sendable {
    package let bytes: [UInt8]

    /// Bytes that were checked before: by ``JSONCheck`` at an edge, or made by our own encoder.
    package init(trusted bytes: [UInt8]) { self.bytes = bytes }

    /// Checks that `bytes` are one JSON value in UTF-8; no bytes mean null.
    package init(checking bytes: [UInt8]) throws(JSONCheck.Problem) {
        if bytes.isEmpty {
            self = .null
        } else {
            try JSONCheck.check(bytes)
            self.bytes = bytes
        }
    }

    package static let null = Payload(trusted: Array("null".utf8))

    package var isNull: Bool { bytes == Payload.null.bytes }

    /// A JSON string holding `text`.
    package static func string(_ text: String) -> Payload {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        bytes.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            case 0x0A: bytes += Array("\\n".utf8)
            case 0x0D: bytes += Array("\\r".utf8)
            case 0x09: bytes += Array("\\t".utf8)
            case 0..<0x20: bytes += Array("\\u00".utf8) + Array(DerivedIdentity.hex(CollectionOfOne(byte)).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return Payload(trusted: bytes)
    }

    /// A JSON array of strings.
    package static func strings(_ texts: [String]) -> Payload {
        let items = texts.map { Payload.string($0).bytes }
        return Payload(
            trusted: [UInt8(ascii: "[")] + items.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        )
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The length in bytes when written as UTF-16: the measure of the custom status limit.
    package var utf16Bytes: Int { text.utf16.count * 2 }
}
