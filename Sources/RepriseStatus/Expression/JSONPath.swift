/// The way to a value within a JSON document: `stage`, `items[0].name`, `"delivery note"`. Empty for the document itself.
///
/// The one place where a path becomes part of an SQL text (``literal``): the restrictions on steps make that safe and
/// exactly expressible in SQLite's path syntax. Names are matched as written in the document, without escapes.
package struct JSONPath: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case member(String)
        case element(Int)
    }

    let steps: [Step]

    static let maximumSteps = 16
    static let maximumNameBytes = 128
    static let maximumElement = 99_999

    /// - Returns: nil for names with what SQLite cannot quote (`"`, `\`, control characters), and beyond the limits.
    init?(_ steps: [Step]) {
        guard steps.count <= Self.maximumSteps, steps.allSatisfy(Self.isAllowed) else { return nil }
        self.steps = steps
    }

    private static func isAllowed(_ step: Step) -> Bool {
        switch step {
        case .element(let index): return (0...maximumElement).contains(index)
        case .member(let name):
            guard (1...maximumNameBytes).contains(name.utf8.count) else { return false }
            return name.unicodeScalars.allSatisfy { scalar in
                scalar != "\"" && scalar != "\\" && scalar.properties.generalCategory != .control
            }
        }
    }

    var isRoot: Bool { steps.isEmpty }

    /// As SQLite's JSON functions take it: `$."items"[0]."name"`.
    var sqlite: String {
        steps.reduce(into: "$") { text, step in
            switch step {
            case .member(let name): text += ".\"\(name)\""
            case .element(let index): text += "[\(index)]"
            }
        }
    }

    /// The same as an SQL literal, for the definition of a column, which cannot have parameters.
    var literal: String { "'" + sqlite.replacing("'", with: "''") + "'" }

    /// As written after the document's name in an expression: `.items[0]."delivery note"`.
    var suffix: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .member(let name):
                text += "." + (name.unicodeScalars.allSatisfy(Self.isPlain) ? name : "\"\(name)\"")
            case .element(let index): text += "[\(index)]"
            }
        }
    }

    /// The characters a name may have without quotes.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "-" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }
}
