package import RepriseKernel

extension JSON {
    /// Reads text already known to be JSON.
    package init(_ view: JSONView) {
        if let members = view.members {
            self = .object(Object(members.mapValues { JSON($0) }))
        } else if let elements = view.elements {
            self = .array(elements.map { JSON($0) })
        } else if let text = view.text {
            self = .string(text)
        } else if let value = view.bool {
            self = .bool(value)
        } else if view.isNull {
            self = .null
        } else {
            let text = view.payload.text
            // Whole numbers have more than one way to be written: `-0`.
            if let value = Int64(text), String(value) == text {
                self = .integer(value)
            } else {
                self = .number(Number(text: text))
            }
        }
    }

    /// Its JSON: members in the order of their names' bytes, numbers as they came.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    func write(to bytes: inout [UInt8]) throws {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let number):
            guard number.text.utf8.last.map({ (0x30...0x39).contains($0) }) == true else {
                let context = EncodingError.Context(codingPath: [], debugDescription: "a number is \(number.text)")
                throw EncodingError.invalidValue(number, context)
            }
            bytes += number.text.utf8
        case .string(let text): bytes += Payload.string(text).bytes
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += Payload.string(member.key).bytes
                bytes.append(UInt8(ascii: ":"))
                try member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}
