/// A JSON value within checked bytes: read without a copy, and passed on byte for byte.
///
/// What is not there is nil; nothing here traps, whatever the bytes are.
package struct JSONView: Sendable {
    /// Of the value alone, without the space around it.
    private let bytes: ArraySlice<UInt8>

    /// - Parameter maximumDepth: how deep the value may be nested; more than for a payload when it contains payloads.
    package init(
        checking bytes: [UInt8],
        maximumDepth: Int = JSONCheck.maximumDepth
    ) throws(JSONCheck.Problem) {
        try JSONCheck.check(bytes, maximumDepth: maximumDepth)
        self.init(bytes[...])
    }

    package init(_ payload: Payload) { self.init(payload.bytes[...]) }

    private init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let first = rest.first, Self.isSpace(first) { rest.removeFirst() }
        while let last = rest.last, Self.isSpace(last) { rest.removeLast() }
        self.bytes = rest
    }

    package var payload: Payload { Payload(trusted: Array(bytes)) }

    package var isNull: Bool { bytes.elementsEqual("null".utf8) }

    package var bool: Bool? {
        bytes.elementsEqual("true".utf8) ? true : bytes.elementsEqual("false".utf8) ? false : nil
    }

    /// A whole number that is written as one.
    package var integer: Int64? { Int64(String(decoding: bytes, as: UTF8.self)) }

    package var text: String? {
        guard bytes.first == Self.quote else { return nil }
        return Self.unescaped(bytes.dropFirst().dropLast())
    }

    package var elements: [JSONView]? {
        guard bytes.first == UInt8(ascii: "[") else { return nil }
        var scanner = Scanner(bytes)
        var elements: [JSONView] = []
        while let value = scanner.value() { elements.append(value) }
        return elements
    }

    /// The members of an object; the first wins when a name is given twice.
    package var members: NamedMembers<JSONView>? {
        guard bytes.first == UInt8(ascii: "{") else { return nil }
        var scanner = Scanner(bytes)
        var members = NamedMembers<JSONView>()
        while let name = scanner.value()?.text, let value = scanner.value() { members.addIfNew(name, value) }
        return members
    }

    /// The first member whose name is written as `name`, byte by byte and without escapes: as SQLite finds it by a path.
    package func member(writtenAs name: String) -> JSONView? {
        guard bytes.first == UInt8(ascii: "{") else { return nil }
        var scanner = Scanner(bytes)
        while let key = scanner.value(), let value = scanner.value() {
            if key.bytes.dropFirst().dropLast().elementsEqual(name.utf8) { return value }
        }
        return nil
    }

    /// Steps from value to value within a container, over commas and colons.
    private struct Scanner {
        private let container: ArraySlice<UInt8>
        private var rest: ArraySlice<UInt8>

        init(_ container: ArraySlice<UInt8>) {
            self.container = container
            rest = container.dropFirst()
        }

        mutating func value() -> JSONView? {
            while let byte = rest.first,
                JSONView.isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":")
            {
                rest.removeFirst()
            }
            let start = rest.startIndex
            var depth = 0
            loop: while let byte = rest.first {
                switch byte {
                case JSONView.quote:
                    rest.removeFirst()
                    skipString()
                    if depth == 0 { break loop }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    rest.removeFirst()
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    // The end of the container itself, perhaps behind a number.
                    if depth == 0 { break loop }
                    depth -= 1
                    rest.removeFirst()
                    if depth == 0 { break loop }
                case UInt8(ascii: ","), UInt8(ascii: ":"):
                    if depth == 0 { break loop }
                    rest.removeFirst()
                default:
                    rest.removeFirst()
                }
            }
            return rest.startIndex > start ? JSONView(container[start..<rest.startIndex]) : nil
        }

        private mutating func skipString() {
            while let byte = rest.popFirst(), byte != JSONView.quote {
                if byte == UInt8(ascii: "\\") { _ = rest.popFirst() }
            }
        }
    }

    private static func unescaped(_ content: ArraySlice<UInt8>) -> String {
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        var units: [UInt16] = []
        var rest = String(decoding: content, as: UTF8.self).utf16[...]
        while let unit = rest.popFirst() {
            guard unit == UInt16(UInt8(ascii: "\\")), let escaped = rest.popFirst() else {
                units.append(unit)
                continue
            }
            switch UInt8(truncatingIfNeeded: escaped) {
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                units.append(UInt16(String(rest.prefix(4)) ?? "", radix: 16) ?? 0xFFFD)
                rest = rest.dropFirst(4)
            default: units.append(escaped)
            }
        }
        // Half a surrogate pair becomes the replacement character.
        return String(decoding: units, as: UTF16.self)
    }

    private static let quote = UInt8(ascii: "\"")

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
