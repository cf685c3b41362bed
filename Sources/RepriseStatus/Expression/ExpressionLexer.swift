/// A piece of an expression, and where it begins.
struct ExpressionToken: Equatable {
    enum Kind: Equatable {
        /// A word, with the steps after it: a field, a keyword or a bare value.
        case word(String, [JSONPath.Step])
        case text(String)
        /// What begins with a digit or a minus: a number, a time or a duration.
        case bare(String)
        case comparison(StatusExpression.Comparison)
        case open
        case close
        case comma
        case end
    }

    var kind: Kind
    var position: Int
    /// As it was written, for messages.
    var source: String
}

/// Splits an expression into tokens.
struct ExpressionLexer {
    private let scalars: [Unicode.Scalar]
    private var at = 0

    /// Always ends with ``ExpressionToken/Kind/end``.
    static func tokens(of text: String) throws(ExpressionError) -> [ExpressionToken] {
        var lexer = ExpressionLexer(scalars: Array(text.unicodeScalars))
        var tokens: [ExpressionToken] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func next() throws(ExpressionError) -> ExpressionToken {
        while let scalar = peek, scalar.properties.isWhitespace { at += 1 }
        let start = at
        let kind = try self.kind()
        return ExpressionToken(kind: kind, position: start + 1, source: text(scalars[start..<at]))
    }

    private mutating func kind() throws(ExpressionError) -> ExpressionToken.Kind {
        guard let scalar = peek else { return .end }
        switch scalar {
        case "(":
            at += 1
            return .open
        case ")":
            at += 1
            return .close
        case ",":
            at += 1
            return .comma
        case "\"", "'": return .text(try quoted())
        case "=", "!", "<", ">": return .comparison(try comparison())
        case "-", "0"..."9":
            return .bare(take { $0.isASCII && (JSONPath.isPlain($0) || ".:+".unicodeScalars.contains($0)) })
        case _ where JSONPath.isPlain(scalar): return .word(take(while: JSONPath.isPlain), try steps())
        default: throw error("'\(scalar)' means nothing here")
        }
    }

    private mutating func comparison() throws(ExpressionError) -> StatusExpression.Comparison {
        let start = at
        let written = take { "=!<>".unicodeScalars.contains($0) }
        if let comparison = StatusExpression.Comparison(rawValue: written) { return comparison }
        let known = StatusExpression.Comparison.allCases.map(\.rawValue).joined(separator: " ")
        throw ExpressionError(at: start + 1, "there is no '\(written.prefix(8))'; there are: \(known)")
    }

    private mutating func steps() throws(ExpressionError) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        while let scalar = peek {
            switch scalar {
            case ".":
                at += 1
                if peek == "\"" {
                    steps.append(.member(try quoted()))
                } else {
                    let name = take(while: JSONPath.isPlain)
                    guard !name.isEmpty else { throw error("expected a name after the dot") }
                    steps.append(.member(name))
                }
            case "[":
                at += 1
                guard let index = Int(take { ("0"..."9").contains($0) }), peek == "]" else {
                    throw error("expected a number and ']'")
                }
                at += 1
                steps.append(.element(index))
            default: return steps
            }
        }
        return steps
    }

    // MARK: Text in quotes

    private mutating func quoted() throws(ExpressionError) -> String {
        let start = at
        let quote = scalars[at]
        var units: [UInt16] = []
        at += 1
        while let scalar = peek {
            at += 1
            if scalar == quote { return try decode(units, from: start) }
            if scalar == "\\" {
                units.append(contentsOf: try escaped())
            } else {
                units.append(contentsOf: Character(scalar).utf16)
            }
        }
        throw ExpressionError(at: start + 1, "the text has no end")
    }

    private func decode(_ units: [UInt16], from start: Int) throws(ExpressionError) -> String {
        guard let text = String(validating: units, as: UTF16.self), !text.unicodeScalars.contains("\0") else {
            throw ExpressionError(at: start + 1, "the text has half a surrogate pair, or the character 0")
        }
        return text
    }

    private mutating func escaped() throws(ExpressionError) -> [UInt16] {
        guard let scalar = peek else { return [] }
        at += 1
        switch scalar {
        case "\"", "'", "\\", "/": return [UInt16(scalar.value)]
        case "b": return [0x08]
        case "f": return [0x0C]
        case "n": return [0x0A]
        case "r": return [0x0D]
        case "t": return [0x09]
        case "u":
            let digits = text(scalars[at..<min(at + 4, scalars.count)])
            guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16) else {
                throw error("'\\u' needs four hexadecimal digits")
            }
            at += 4
            return [unit]
        default: throw error("there is no escape '\\\(scalar)'")
        }
    }

    // MARK: Reading

    private var peek: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    private mutating func take(while isPart: (Unicode.Scalar) -> Bool) -> String {
        let start = at
        while let scalar = peek, isPart(scalar) { at += 1 }
        return text(scalars[start..<at])
    }

    private func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private func error(_ reason: String) -> ExpressionError { ExpressionError(at: at + 1, reason) }
}
