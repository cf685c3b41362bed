import Foundation

/// Who writes what: the variables of the types that several files have a part of.
struct VariableOwners {
    /// The files that have a part of each type.
    private(set) var spread: [String: Set<String>] = [:]
    /// The files that write each variable that more than one writes: `Module/Type.variable`.
    var shared: [String: Set<String>] { writers.filter { $0.value.count > 1 } }

    private var writers: [String: Set<String>] = [:]

    init(_ files: [SourceFile]) throws {
        let patterns = try WritePatterns()
        let walks = files.map { ScopeWalk($0, patterns) }
        for walk in walks { for type in walk.types { spread[type, default: []].insert(walk.path) } }
        spread = spread.filter { $0.value.count > 1 }
        let variables = Dictionary(walks.flatMap(\.variables)) { $0 || $1 }
        for walk in walks {
            for write in walk.writes where spread[write.type] != nil {
                let place = "\(write.type).\(write.name)"
                guard let isCollection = variables[place], isCollection || !write.isByVerb else { continue }
                writers[place, default: []].insert(walk.path)
            }
        }
    }
}

/// One file's types, the variables that they keep, and what is written where.
private struct ScopeWalk {
    struct Write {
        var type: String
        var name: String
        /// By a verb of the variable itself: a write only where its type is one of the standard collections.
        var isByVerb: Bool
    }

    let path: String
    private(set) var types: Set<String> = []
    /// `Module/Type.variable`, and whether it is a standard collection.
    private(set) var variables: [(String, Bool)] = []
    private(set) var writes: [Write] = []

    private enum Kind {
        case type(String)
        case initializer
        case other
    }

    private struct Scope {
        var kind: Kind
        /// What is declared in it, and hides a variable of the same name.
        var names: Set<String>
    }

    private let module: String
    private let patterns: WritePatterns
    private var scopes: [Scope] = []

    init(_ file: SourceFile, _ patterns: WritePatterns) {
        path = file.path
        module = file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        self.patterns = patterns
        /// What was read since the last brace: the head of the scope that the next one opens.
        var head = ""
        for (index, line) in file.code.enumerated() {
            if case .type(let type)? = scopes.last?.kind,
                let kept = patterns.variable(line, before: index + 1 < file.code.count ? file.code[index + 1] : "")
            {
                variables.append(("\(type).\(kept.name)", kept.isCollection))
            }
            var rest = line[...]
            while let at = rest.utf8.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
                let piece = rest[..<at]
                read(piece)
                head += piece
                if rest[at] == "{" { open(head) } else { _ = scopes.popLast() }
                head = ""
                rest = rest[rest.index(after: at)...]
            }
            read(rest)
            declare(rest)
            head += rest + "\n"
        }
    }

    private mutating func open(_ head: String) {
        guard let match = head.matches(of: patterns.declaration).last else {
            scopes.append(Scope(kind: .other, names: []))
            // What a condition binds is known behind `guard`, and else only in here.
            let isGuard = head.contains(/\bguard\b/)
            for name in patterns.declared(in: head[...]) {
                scopes[max(0, scopes.count - (isGuard ? 2 : 1))].names.insert(name)
            }
            return
        }
        let names = Set(head[match.range.lowerBound...].matches(of: patterns.parameter).map { String($0.output.1) })
        switch match.output.1 {
        case "func", "subscript": scopes.append(Scope(kind: .other, names: names))
        case "init": scopes.append(Scope(kind: .initializer, names: names))
        default:
            let outer = scopes.reversed().lazy.compactMap { if case .type(let name) = $0.kind { name } else { nil } }
                .first
            let type = "\(outer.map { $0 + "." } ?? module + "/")\(match.output.2 ?? "")"
            types.insert(type)
            scopes.append(Scope(kind: .type(type), names: []))
        }
    }

    private mutating func declare(_ piece: Substring) {
        guard case .other? = scopes.last?.kind else { return }
        let names = patterns.declared(in: piece)
        // A condition that goes on on the next line: only what it guards knows them.
        if names.isEmpty || piece.contains(/^\s*(?:if|while)\b/) { return }
        scopes[scopes.count - 1].names.formUnion(names)
    }

    /// A piece of a line without braces.
    private mutating func read(_ piece: Substring) {
        if case .type? = scopes.last?.kind { return }
        for write in patterns.writes(in: piece) {
            var isHidden = false
            search: for scope in scopes.reversed() {
                switch scope.kind {
                case .type(let type):
                    let name = String(write.name)
                    if write.isOwn || !isHidden {
                        writes.append(Write(type: type, name: name, isByVerb: write.isByVerb))
                    }
                    break search
                // What is being made is no one's yet.
                case .initializer: break search
                case .other: isHidden = isHidden || scope.names.contains(String(write.name))
                }
            }
        }
    }
}

/// How declarations and writes look. Built once for all files.
private struct WritePatterns {
    let declaration: Regex<(Substring, Substring, Substring?)>
    let parameter = /(\w+)\s*:/
    private let local = /\b(?:let|var|for(?:\s+case)?)\s+\(?(\w+)/
    private let kept: Regex<(Substring, Substring, Substring)>
    private let assigned: Regex<(Substring, Substring?, Substring)>
    private let changed: Regex<(Substring, Substring?, Substring, Substring)>
    /// The beginnings of what changes a collection.
    private let verb = /\.(?:app|ins|rem|upd|pop|form|sub|swap|sort|mer|res)/
    private let passed = /&(self\.)?([a-z]\w*)/

    init() throws {
        declaration = try Regex(
            #"(?:^|[^.\w])(class|struct|enum|actor|protocol|extension|func|init|subscript)\b"#
                + #"(?! (?:func|var|let)\b)[?!]?\s*([\w.]+)?"#,
            as: (Substring, Substring, Substring?).self
        )
        kept = try Regex(
            #"^\s*(?:(?:@\w+|[a-z]+(?:\([a-z]+\))?) )*?var (\w+)\s*([:=].*)"#,
            as: (Substring, Substring, Substring).self
        )
        let path = #"(?:^|[^\w.$\[])(self\.)?([a-z]\w*)((?:[?!]?\.\w+|\[[^\]]*\]|[?!])*?)"#
        assigned = try Regex(
            path.replacing("((?:[?", with: "(?:(?:[?") + #"[?!]?\s*(?:[-+*/%|^]|&[-+*])?=(?![=>])"#,
            as: (Substring, Substring?, Substring).self
        )
        let verbs = """
            append|insert|remove|removeAll|removeFirst|removeLast|removeValue|updateValue|popFirst|popLast|formUnion|subtract|\
            swapAt|sort|merge|reserveCapacity
            """
        changed = try Regex(
            path + #"[?!]?\.(?:"# + verbs + #")\b"#,
            as: (Substring, Substring?, Substring, Substring).self
        )
    }

    /// The stored variable that the line declares.
    func variable(_ line: String, before next: String) -> (name: String, isCollection: Bool)? {
        guard line.contains("var "), !line.contains("static "), let match = line.firstMatch(of: kept) else {
            return nil
        }
        if let brace = line.firstIndex(of: "{"), line.hasSuffix("{") || !line[..<brace].contains("=") {
            // What is computed is not a place of its own; one that is observed is.
            guard (line + next).contains(/\b(?:didSet|willSet)\b/) else { return nil }
        }
        return (String(match.output.1), match.output.2.contains(/^[:=]\s*(?:\[|(?:Set|FIFO|Deque|Heap)\b)/))
    }

    /// The names that a statement gives.
    func declared(in piece: Substring) -> [String] {
        guard piece.contains("let ") || piece.contains("var ") || piece.contains("for ") else { return [] }
        return piece.matches(of: local).map { String($0.output.1) }
    }

    func writes(in piece: Substring) -> [(name: Substring, isOwn: Bool, isByVerb: Bool)] {
        var found: [(name: Substring, isOwn: Bool, isByVerb: Bool)] = []
        // Searching is dear, and most lines have nothing of it.
        let signs = Set(piece.utf8)
        for match in signs.contains(UInt8(ascii: "&")) ? piece.matches(of: passed) : [] {
            found.append((match.output.2, match.output.1 != nil, false))
        }
        for match in signs.contains(UInt8(ascii: "=")) ? piece.matches(of: assigned) : [] {
            // Not what is declared here.
            if piece[..<match.output.2.startIndex].contains(/\b(?:let|var)\s+$/) { continue }
            found.append((match.output.2, match.output.1 != nil, false))
        }
        for match in signs.contains(UInt8(ascii: ".")) && piece.contains(verb) ? piece.matches(of: changed) : [] {
            found.append((match.output.2, match.output.1 != nil, match.output.3.isEmpty))
        }
        return found
    }
}
