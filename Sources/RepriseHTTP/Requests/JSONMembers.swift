import RepriseKernel

/// The members of a JSON object, each value as the bytes it is.
struct JSONMembers {
    private var values: [String: Payload] = [:]

    /// - Returns: nil for what is no object, and for one that has a name twice.
    init?(_ payload: Payload) {
        var scanner = Scanner(rest: payload.bytes[...])
        guard scanner.take(UInt8(ascii: "{")) else { return nil }
        while let name = scanner.string() {
            _ = scanner.take(UInt8(ascii: ":"))
            let value = Payload(trusted: Array(scanner.value()))
            guard values.updateValue(value, forKey: name) == nil else { return nil }
            guard scanner.take(UInt8(ascii: ",")) else { break }
        }
    }

    var names: Set<String> { Set(values.keys) }

    subscript(name: String) -> Payload? { values[name] }

    /// Reads what is known to be JSON.
    private struct Scanner {
        var rest: ArraySlice<UInt8>

        private mutating func skipSpace() {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        /// The text between two quotes, its escapes as they are.
        mutating func string() -> String? {
            skipSpace()
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            let text = rest.prefix(stringLength()).dropFirst().dropLast()
            rest = rest.dropFirst(text.count + 2)
            return String(decoding: text, as: UTF8.self)
        }

        /// Up to the comma or brace that ends it, without the space around it.
        mutating func value() -> ArraySlice<UInt8> {
            skipSpace()
            let beginning = rest
            var end = rest.startIndex
            var depth = 0
            while let byte = rest.first {
                switch byte {
                case UInt8(ascii: "\""):
                    rest = rest.dropFirst(stringLength())
                    end = rest.startIndex
                    continue
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return beginning[..<end] }
                    if byte != UInt8(ascii: ",") { depth -= 1 }
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                default: break
                }
                rest.removeFirst()
                if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { end = rest.startIndex }
            }
            return beginning[..<end]
        }

        /// The bytes of the string that `rest` begins with, quotes included.
        private func stringLength() -> Int {
            var length = 1
            var isEscaped = false
            for byte in rest.dropFirst() {
                length += 1
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    break
                }
            }
            return length
        }
    }
}
