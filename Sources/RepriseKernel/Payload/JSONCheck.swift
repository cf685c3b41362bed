/// Checks bytes to be exactly one JSON value (RFC 8259) in valid UTF-8, nested no deeper than 128.
///
/// Iterative, so no input can exhaust the stack; it allocates nothing but the nesting bits.
package enum JSONCheck {
    package static let maximumDepth = 128

    package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package static func check(_ bytes: [UInt8], maximumDepth: Int = Self.maximumDepth) throws(Problem) {
        guard bytes.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) != nil }) else {
            throw Problem(description: "the body is not valid UTF-8")
        }
        var scanner = Scanner(bytes: bytes, maximumDepth: maximumDepth)
        try scanner.scan()
    }

    private struct Scanner {
        let bytes: [UInt8]
        let maximumDepth: Int
        var at = 0
        /// One entry per open container: true for an object.
        var open: [Bool] = []

        mutating func scan() throws(Problem) {
            while true {
                try scanOpeningOrScalar()
                // A value has just ended: close containers, or step to the next element.
                while true {
                    skipSpace()
                    guard let inObject = open.last else {
                        if at == bytes.count { return }
                        throw problem("there is more after the value")
                    }
                    guard at < bytes.count else { throw problem("it ends in the middle") }
                    let byte = bytes[at]
                    if byte == UInt8(ascii: ",") {
                        at += 1
                        if inObject { try scanKey() }
                        break
                    }
                    guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                        throw problem("expected ',' or the end of the \(inObject ? "object" : "array")")
                    }
                    at += 1
                    open.removeLast()
                }
            }
        }

        /// Reads openings until a scalar or an empty container has been read whole.
        private mutating func scanOpeningOrScalar() throws(Problem) {
            while true {
                skipSpace()
                guard at < bytes.count else { throw problem(at == 0 ? "it is empty" : "it ends in the middle") }
                switch bytes[at] {
                case UInt8(ascii: "{"):
                    try push(object: true)
                    if closes(UInt8(ascii: "}")) { return }
                    try scanKey()
                case UInt8(ascii: "["):
                    try push(object: false)
                    if closes(UInt8(ascii: "]")) { return }
                case UInt8(ascii: "\""): return try scanString()
                case UInt8(ascii: "t"): return try scanWord("true")
                case UInt8(ascii: "f"): return try scanWord("false")
                case UInt8(ascii: "n"): return try scanWord("null")
                default: return try scanNumber()
                }
            }
        }

        private mutating func push(object: Bool) throws(Problem) {
            guard open.count < maximumDepth else { throw problem("it is nested deeper than \(maximumDepth)") }
            open.append(object)
            at += 1
            skipSpace()
        }

        private mutating func closes(_ bracket: UInt8) -> Bool {
            guard at < bytes.count, bytes[at] == bracket else { return false }
            at += 1
            open.removeLast()
            return true
        }

        private mutating func scanKey() throws(Problem) {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw problem("expected a key in quotes") }
            try scanString()
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw problem("expected ':'") }
            at += 1
        }

        private mutating func scanString() throws(Problem) {
            at += 1
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    at += 1
                    return
                case UInt8(ascii: "\\"):
                    try scanEscape()
                case 0..<0x20:
                    throw problem("a string has a control character that is not escaped")
                default:
                    at += 1
                }
            }
            throw problem("it ends in the middle of a string")
        }

        private mutating func scanEscape() throws(Problem) {
            guard at + 1 < bytes.count else { throw problem("it ends in the middle of a string") }
            switch bytes[at + 1] {
            case UInt8(ascii: "u"):
                guard at + 5 < bytes.count, bytes[(at + 2)...(at + 5)].allSatisfy(Self.isHexDigit) else {
                    throw problem("'\\u' needs four hexadecimal digits")
                }
                at += 6
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                at += 2
            default:
                throw problem("a string has an unknown escape")
            }
        }

        private mutating func scanWord(_ word: StaticString) throws(Problem) {
            let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            guard at + expected.count <= bytes.count, bytes[at..<(at + expected.count)].elementsEqual(expected) else {
                throw problem("expected a value")
            }
            at += expected.count
        }

        private mutating func scanNumber() throws(Problem) {
            if peek(UInt8(ascii: "-")) { at += 1 }
            if peek(UInt8(ascii: "0")) { at += 1 } else { try scanDigits("expected a value") }
            if peek(UInt8(ascii: ".")) {
                at += 1
                try scanDigits("a number needs digits after its point")
            }
            if peek(UInt8(ascii: "e")) || peek(UInt8(ascii: "E")) {
                at += 1
                if peek(UInt8(ascii: "+")) || peek(UInt8(ascii: "-")) { at += 1 }
                try scanDigits("a number needs digits in its exponent")
            }
        }

        private mutating func scanDigits(_ otherwise: String) throws(Problem) {
            let start = at
            while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
            if at == start { throw problem(otherwise) }
        }

        private func peek(_ byte: UInt8) -> Bool { at < bytes.count && bytes[at] == byte }

        private mutating func skipSpace() {
            while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0A).contains(bytes[at]) || bytes[at] == 0x0D {
                at += 1
            }
        }

        private static func isHexDigit(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
        }

        private func problem(_ what: String) -> Problem { Problem(description: "not JSON: \(what) (byte \(at))") }
    }
}
