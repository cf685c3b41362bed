import Foundation

/// The Swift files of this repository, read once.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let everything = files(of: root)

    /// The files under a folder of the repository, in order of their names.
    static func files(under folder: String) -> [SourceFile] { everything.filter { $0.path.hasPrefix(folder + "/") } }

    /// The folders directly under a folder: the rooms.
    static func folders(under folder: String) throws -> [String] {
        let start = root.appending(path: folder).resolvingSymlinksInPath()
        return try FileManager.default.contentsOfDirectory(at: start, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .map(\.lastPathComponent).sorted()
    }

    /// Those of any checkout of this repository.
    static func files(of root: URL) -> [SourceFile] {
        ["Sources", "Samples", "Tests"].flatMap { read($0, of: root) }
    }

    private static func read(_ folder: String, of root: URL) -> [SourceFile] {
        let start = root.appending(path: folder).resolvingSymlinksInPath()
        guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil) else { return [] }
        return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .compactMap { file in
                (try? String(contentsOf: file, encoding: .utf8)).map {
                    SourceFile(path: "\(folder)\(file.path.dropFirst(start.path.count))", text: $0)
                }
            }
            .sorted { $0.path < $1.path }
    }
}

struct SourceFile: Sendable, CustomStringConvertible {
    let path: String
    let lineCount: Int
    /// The lines without comments and the insides of string literals: what the compiler acts on.
    let code: [String]
    /// The lines as they are written.
    let text: [Substring]

    init(path: String, text: String) {
        self.path = path
        self.text = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = CodeReader.code(of: text)
        lineCount = code.count - (text.hasSuffix("\n") ? 1 : 0)
    }

    var description: String { path }

    /// The modules it imports: `package import struct A.B` is `A`.
    var imports: [String] {
        code.compactMap { line in
            let words = line.split(separator: " ")
            let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
            guard let at = words.firstIndex(of: "import"),
                words[..<at].allSatisfy({ access.contains($0) || $0.hasPrefix("@") })
            else { return nil }
            return words[(at + 1)...].first { !kinds.contains($0) }?.split(separator: ".").first.map(String.init)
        }
    }

    /// `path:line` of every line that matches, with its texts and comments.
    func texts(matching pattern: Regex<some Any>) -> [String] {
        text.enumerated().filter { $0.element.contains(pattern) }.map { "\(path):\($0.offset + 1)" }
    }

    /// `path:line` of every line of code that matches.
    func lines(matching pattern: Regex<some Any>) -> [String] {
        code.enumerated().filter { $0.element.contains(pattern) }.map { "\(path):\($0.offset + 1)" }
    }

    /// The variables of its types that are arrays, dictionaries, sets or queues: `Type.variable`.
    func keptCollections() throws -> [String] {
        let kept = try Regex(
            #"\b(?:var (\w+)\s*[:=]\s*(?:\[|(?:Set|FIFO|DueQueue)<)|let (\w+) = Mutex<\[)"#,
            as: (Substring, Substring?, Substring?).self
        )
        let type = try Regex(#"\b(?:class|struct|enum|actor|extension)\s+(\w+)"#, as: (Substring, Substring).self)
        var found: [String] = []
        /// The scopes that are open: a type's name, or nil for a function's and others'.
        var scopes: [String?] = []
        for line in code {
            if let scope = scopes.last, let owner = scope, !line.contains("{"), !line.contains("static"),
                let match = line.firstMatch(of: kept), let name = match.output.1 ?? match.output.2
            {
                found.append("\(owner).\(name)")
            }
            let name = line.firstMatch(of: type).map { String($0.output.1) }
            for character in line {
                if character == "{" { scopes.append(name) }
                if character == "}" { _ = scopes.popLast() }
            }
        }
        return found
    }
}

/// Blanks comments and string literals, keeping lines: a rule must not stumble over a sentence about itself.
struct CodeReader {
    private var comments = 0
    private var inText = false

    static func code(of text: String) -> [String] {
        var reader = CodeReader()
        return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            reader.code(of: Array($0))
        }
    }

    private mutating func code(of line: [UInt8]) -> String {
        var code: [UInt8] = []
        var at = 0
        /// The hash signs around the literal that is open.
        var quoted: Int?
        func follows(_ text: StaticString) -> Bool {
            line[at...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        while at < line.count {
            if comments > 0 {
                let step = follows("*/") ? -1 : follows("/*") ? 1 : 0
                comments += step
                at += step == 0 ? 1 : 2
            } else if quoted == nil, follows("\"\"\"") {
                inText.toggle()
                at += 3
            } else if inText {
                at += 1
            } else if let hashes = quoted {
                if hashes == 0, line[at] == UInt8(ascii: "\\") {
                    at += 1
                } else if line[at] == UInt8(ascii: "\"") {
                    if line[(at + 1)...].prefix(hashes).filter({ $0 == UInt8(ascii: "#") }).count == hashes {
                        quoted = nil
                    }
                }
                at += 1
            } else if line[at] == UInt8(ascii: "\"") {
                quoted = code.reversed().prefix { $0 == UInt8(ascii: "#") }.count
                at += 1
            } else if follows("//") {
                break
            } else if follows("/*") {
                comments += 1
                at += 2
            } else {
                code.append(line[at])
                at += 1
            }
        }
        return String(decoding: code, as: UTF8.self)
    }
}
