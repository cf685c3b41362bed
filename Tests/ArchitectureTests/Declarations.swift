/// A function or a type of the code, from the line that declares it to the line that closes it.
struct Declaration: Sendable {
    enum Kind: Sendable {
        case function
        case type
        case extended
    }

    let kind: Kind
    /// With the names of the types around it: `Partition.Effects`.
    let name: String
    let file: String
    let lines: ClosedRange<Int>
    /// Of a function: how many parameters a call does not name.
    let unlabelled: Int
    /// Whether it stands in no other type or function.
    let isTopLevel: Bool
    /// Whether other files see it.
    let isShared: Bool

    var place: String { "\(name) (\(file):\(lines.lowerBound))" }
}

/// Finds the functions and types of a file by its braces: enough of Swift to measure it.
struct DeclarationReader {
    private struct Scope {
        var kind: Declaration.Kind?
        var name = ""
        var line = 0
        var unlabelled = 0
        var isShared = true
        /// Set when it has no body before its value: `let a = { … }()`.
        var isVariable = false
    }

    private let file: String
    private var found: [Declaration] = []
    private var scopes: [Scope] = []
    /// What is declared, and waits for its brace.
    private var pending: Scope?
    /// What of a function's parameters has been read.
    private var parameters: [UInt8] = []
    private var parentheses = 0
    private var line = 1
    /// The words before the one that declares something, on its line.
    private var words: [String] = []

    static func declarations(of file: SourceFile) -> [Declaration] {
        var reader = DeclarationReader(file: file.path)
        for line in file.code {
            reader.read(Array(line.utf8))
            reader.line += 1
        }
        return reader.found
    }

    private init(file: String) { self.file = file }

    private mutating func read(_ line: [UInt8]) {
        words = []
        var at = 0
        while at < line.count {
            let byte = line[at]
            if byte.isOfWord {
                let start = at
                while at < line.count, line[at].isOfWord { at += 1 }
                let word = String(decoding: line[start..<at], as: UTF8.self)
                if parentheses == 0, start == 0 || line[start - 1] != UInt8(ascii: ".") {
                    declare(word, rest: line[at...])
                    words.append(word)
                }
                parameters += parentheses > 0 ? line[start..<at] : []
                continue
            }
            take(byte)
            at += 1
        }
        parameters.append(UInt8(ascii: " "))
    }

    private mutating func take(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["):
            if parentheses == 0 { parameters = [] } else { parameters.append(byte) }
            parentheses += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"):
            parentheses -= 1
            if parentheses > 0 { parameters.append(byte) } else { countParameters() }
        case UInt8(ascii: "{"):
            open()
        case UInt8(ascii: "}"):
            close()
        default:
            if parentheses > 0 {
                parameters.append(byte)
            } else if byte == UInt8(ascii: "="), pending?.isVariable == true {
                pending = nil
            }
        }
    }

    private mutating func declare(_ word: String, rest: ArraySlice<UInt8>) {
        let isShared = !words.contains("private") && !words.contains("fileprivate")
        let isImport = words.contains("import")
        let name = String(decoding: rest.drop { $0 == UInt8(ascii: " ") }.prefix { !Self.ends($0) }, as: UTF8.self)
        switch word {
        case "func", "init", "subscript":
            pending = Scope(kind: .function, name: word == "func" ? name : word, line: line, unlabelled: -1)
        case "var":
            pending = Scope(kind: .function, name: name, line: line, isVariable: true)
        case "let", "case", "associatedtype", "typealias", "import":
            pending = nil
        case "struct", "class", "enum", "actor", "protocol", "extension":
            guard !isImport, let first = name.utf8.first, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= first else { return }
            pending = Scope(kind: word == "extension" ? .extended : .type, name: name, line: line, isShared: isShared)
        default:
            break
        }
    }

    /// Where a name ends; an operator's has no letter.
    private static func ends(_ byte: UInt8) -> Bool { " (<:{,".utf8.contains(byte) }

    private mutating func countParameters() {
        guard pending?.kind == .function, pending?.unlabelled == -1 else { return }
        var depth = 0
        let all = parameters.split {
            if "([{<".utf8.contains($0) { depth += 1 }
            if ")]}>".utf8.contains($0) { depth -= 1 }
            return depth <= 0 && $0 == UInt8(ascii: ",")
        }
        pending?.unlabelled = all.count { $0.drop { $0 == UInt8(ascii: " ") }.starts(with: "_ ".utf8) }
    }

    private mutating func open() {
        guard parentheses == 0, var scope = pending else { return scopes.append(Scope()) }
        let outer = scopes.last { $0.kind != nil && $0.kind != .function }
        if scope.kind != .function, let outer { scope.name = "\(outer.name).\(scope.name)" }
        scopes.append(scope)
        pending = nil
    }

    private mutating func close() {
        // That of a parameter's value does not end what is declared.
        if parentheses == 0 { pending = nil }
        guard let scope = scopes.popLast(), let kind = scope.kind else { return }
        found.append(
            Declaration(
                kind: kind,
                name: scope.name,
                file: file,
                lines: scope.line...line,
                unlabelled: max(0, scope.unlabelled),
                isTopLevel: scopes.isEmpty,
                isShared: scope.isShared
            )
        )
    }
}

extension UInt8 {
    /// Whether it belongs to a name or a number.
    var isOfWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
