import Foundation
import Testing

/// What strangers meet says what it is for: the comments are where their editors look first.
@Suite("What is public is documented")
struct DocumentationTests {
    @Test("Every public declaration has a comment", arguments: PublicDeclarations.rooms)
    func documented(room: String) throws {
        let found = try SourceTree.files(under: "Sources/\(room)").map { try $0.publicDeclarations() }
        let undocumented = found.flatMap(\.undocumented)
        let said = undocumented.joined(separator: "\n")
        let record = PublicDeclarations.undocumented[room] ?? 0
        #expect(undocumented.count <= record, "\(undocumented.count) have none, on record are \(record):\n\(said)")
        #expect(found.map(\.count).reduce(0, +) > 0, "\(room) declares nothing public: take it off the list")
    }

    @Test("A room that is on no list declares nothing public")
    func rest() throws {
        for room in try SourceTree.folders(under: "Sources") where !PublicDeclarations.rooms.contains(room) {
            for file in SourceTree.files(under: "Sources/\(room)") {
                #expect(try file.publicDeclarations().count == 0, "\(file) is public, and of no product")
            }
        }
    }

    @Test("Each public type that `import Reprise` brings stands under a topic of the documentation")
    func topics() throws {
        let type = /^public (final |indirect )?(struct|class|enum|actor|protocol|typealias) (\w+)/
        let names = ["Reprise", "RepriseKernel"].flatMap { SourceTree.files(under: "Sources/\($0)") }.flatMap { file in
            file.code.compactMap { $0.firstMatch(of: type).map { String($0.output.3) } }
        }
        let page = SourceTree.root.appending(path: "Sources/Reprise/Reprise.docc/Reprise.md")
        let topics = try String(contentsOf: page, encoding: .utf8).split(separator: "## Topics").last ?? ""
        #expect(names.count > 40)
        #expect(names.filter { !topics.contains("- ``\($0)``") } == [])
    }

    @Test("No two products give one name to two types: a program may import both")
    func names() {
        let type = /^public (final |indirect )?(struct|class|enum|actor|protocol|typealias) (\w+)/
        let all = PublicDeclarations.rooms.flatMap { SourceTree.files(under: "Sources/\($0)") }.flatMap { file in
            file.code.compactMap { $0.firstMatch(of: type).map { String($0.output.3) } }
        }
        #expect(all.count > 50)
        let twice = Dictionary(grouping: all) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
        #expect(twice.isEmpty, "there are two of \(twice.joined(separator: ", "))")
    }

    @Test("The count sees members, cases and requirements, and passes over what a protocol asks for")
    func sight() throws {
        let text = [
            "public import struct A.B", "public enum A: String {", "    case a", "    /// Said.", "    case b",
            "    public var description: String {", "        switch self {", "        case .a: one", "        }",
            "    }", "}",
            "public protocol P", "{", "    func one()", "    /// Said.", "    @discardableResult",
            "    func two() -> Int", "    associatedtype C: Sendable", "}", "enum Own {", "    case a", "}",
            "struct S {", "    func one() {}", "    public private(set) var two: Int", "    public init() {}",
            "    public static func == (a: S, b: S) -> Bool { true }", "}",
        ].joined(separator: "\n")
        let found = try SourceFile(path: "x.swift", text: text).publicDeclarations()
        #expect(found.count == 9)
        #expect(found.undocumented == [2, 3, 12, 14, 18, 25, 26].map { "x.swift:\($0)" })
    }
}

enum PublicDeclarations {
    /// The products for strangers, and what they show of other rooms.
    static let rooms = [
        "RabbitMQ", "Reprise", "RepriseClient", "RepriseGateway", "RepriseHTTP", "RepriseHosting", "RepriseKernel",
        "RepriseNode", "RepriseTesting",
    ]

    /// How many in a room may have no comment, where that is not none. Only ever lower.
    static let undocumented: [String: Int] = [:]

    fileprivate static let attributes = #"^\s*(@\w+(\([^)]*\))?\s+)*"#
    fileprivate static let kinds = "(func|var|let|init|struct|class|enum|protocol|actor|subscript|typealias)"

    /// Members that mean what their protocol says.
    fileprivate static let known =
        #"\b(var (description|debugDescription|customMirror)|let description|(var|let) rawValue|init\(rawValue|"#
        + #"func (==|<|hash\(into|encode\(to|makeAsyncIterator\()|init\(from |init\(\w+Literal|typealias Element)"#
}

extension SourceFile {
    /// How many public declarations there are, and those without a comment, as `path:line`.
    func publicDeclarations() throws -> (count: Int, undocumented: [String]) {
        let declaration = try Regex(
            PublicDeclarations.attributes + #"(public|open)\s+(?!import\b)([a-z]+(\([a-z]+\))?\s+)*?"#
                + PublicDeclarations.kinds + #"\b"#
        )
        let requirement = try Regex(
            PublicDeclarations.attributes + #"((static|mutating)\s+)*(func|var|init|subscript|associatedtype)\b"#
        )
        let known = try Regex(PublicDeclarations.known)
        var count = 0
        var undocumented: [String] = []
        /// What is open: whose cases or requirements are as public as itself, and all else.
        var scopes: [Regex<AnyRegexOutput>?] = []
        var opening: Regex<AnyRegexOutput>?
        for (index, line) in code.enumerated() {
            let isPublic = line.contains(declaration)
            let isMember = (scopes.last ?? nil).map { line.contains($0) } ?? false
            if (isPublic || isMember) && !line.contains(known) {
                count += 1
                if !isDocumented(index) { undocumented.append("\(path):\(index + 1)") }
            }
            if isPublic {
                opening =
                    line.contains(/\bprotocol\s/)
                    ? requirement : line.contains(/\benum\s/) ? try Regex(#"^\s*(indirect\s+)?case\b"#) : nil
            }
            for character in line {
                if character == "{" {
                    scopes.append(opening)
                    opening = nil
                }
                if character == "}" { _ = scopes.popLast() }
            }
        }
        return (count, undocumented)
    }

    /// Whether a comment stands above a line, or above its attributes.
    private func isDocumented(_ index: Int) -> Bool {
        let above = text[..<index].last { !$0.contains(/^\s*@/) }
        return above?.contains(/^\s*\/\/\//) ?? false
    }
}
