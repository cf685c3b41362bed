import Foundation

/// A figure of the whole house that may only get better: when it becomes smaller, lower its ceiling here.
struct Ratchet: Sendable, CustomStringConvertible {
    let figure: String
    let ceiling: Int
    let measure: @Sendable (House) throws -> Measurement

    var description: String { figure }

    static let all = files + functions + types + numbers + repetition + comments

    private static let files = [
        Ratchet(figure: "lines of the longest file", ceiling: 414) { house in
            .largest(house.code, of: \.lineCount, place: \.path)
        },
        Ratchet(figure: "files of more than 300 lines", ceiling: 5) { house in
            .above(300, house.code, of: \.lineCount, place: \.path)
        },
        Ratchet(figure: "files of tests of more than 300 lines", ceiling: 10) { house in
            .above(300, house.tests, of: \.lineCount, place: \.path)
        },
    ]

    private static let functions = [
        Ratchet(figure: "lines of the longest function", ceiling: 68) { house in
            .largest(house.functions, of: \.lines.count, place: \.place)
        },
        Ratchet(figure: "functions of more than 50 lines", ceiling: 12) { house in
            .above(50, house.functions, of: \.lines.count, place: \.place)
        },
        Ratchet(figure: "lines of the longest function of a test", ceiling: 80) { house in
            .largest(house.functionsOfTests, of: \.lines.count, place: \.place)
        },
        Ratchet(figure: "functions with more than 3 unlabelled parameters", ceiling: 10) { house in
            .above(3, house.functions, of: \.unlabelled, place: \.place)
        },
    ]

    private static let types = [
        Ratchet(figure: "lines of the largest type in all its extensions", ceiling: 2895) { house in
            .largest(house.sizesOfTypes, of: \.lines) { "\($0.name) in \($0.files) files" }
        },
        Ratchet(figure: "names that types of two modules have", ceiling: 7) { house in
            .places(house.namesInTwoModules)
        },
        Ratchet(figure: "types of tests with the name of a public one", ceiling: 0) { house in
            .places(house.testTypesNamedAsPublicOnes)
        },
    ]

    private static let numbers = [
        Ratchet(figure: "domain numbers declared as a bare Int64", ceiling: 86) { house in
            let declared = try Regex(DomainNumbers.declared)
            return .places(house.sources.flatMap { $0.lines(matching: declared) })
        },
        Ratchet(figure: "columns beyond the third that are read by number", ceiling: 0) { house in
            .places(house.sources.flatMap { $0.lines(matching: /\brow\[([4-9]|\d\d+)\]/) })
        },
    ]

    private static let repetition = [
        Ratchet(figure: "runs of 6 lines that stand twice", ceiling: 24) { house in
            .places(RepeatedLines(in: house.code, byShape: false).runs)
        },
        Ratchet(figure: "runs of 6 lines of a shape that stands twice", ceiling: 159) { house in
            .places(RepeatedLines(in: house.code, byShape: true).runs)
        },
        Ratchet(figure: "runs of 6 lines that stand twice in tests", ceiling: 14) { house in
            .places(RepeatedLines(in: house.tests, byShape: false).runs)
        },
    ]

    private static let comments = [
        Ratchet(figure: "public declarations without a comment", ceiling: 0) { house in
            .places(try house.publicFiles.flatMap { try $0.publicDeclarations().undocumented })
        }
    ]
}

/// A figure, and where it comes from: the worst place first.
struct Measurement: Sendable {
    let value: Int
    let places: [String]

    static func places(_ places: [String]) -> Measurement { Measurement(value: places.count, places: places) }

    static func largest<Element>(
        _ all: [Element],
        of size: (Element) -> Int,
        place: (Element) -> String
    ) -> Measurement {
        let largest = all.max { size($0) < size($1) }
        return Measurement(value: largest.map(size) ?? 0, places: largest.map { [place($0)] } ?? [])
    }

    static func above<Element>(
        _ limit: Int,
        _ all: [Element],
        of size: (Element) -> Int,
        place: (Element) -> String
    ) -> Measurement {
        places(all.filter { size($0) > limit }.sorted { size($0) > size($1) }.map { "\(size($0)) in \(place($0))" })
    }
}

enum DomainNumbers {
    /// Their names end in one of these words, or are one: `epoch`, `firstPosition`, `hiddenThrough`.
    static let declared: String = {
        let words = [
            "commit", "cursor", "epoch", "generation", "incarnation", "instance", "key", "number", "position",
            "revision",
            "segment", "sequence", "task", "through", "version",
        ]
        let all = (words + words.map(\.capitalized)).joined(separator: "|")
        return #"\b([a-z]\w*)?("# + all + #")s?: \[?(\w+<)?Int64\b"#
    }()
}

/// A checkout of this repository, read as a whole.
struct House: Sendable {
    let sources: [SourceFile]
    /// What is not a test.
    let code: [SourceFile]
    let tests: [SourceFile]
    let declarations: [Declaration]
    let functions: [Declaration]
    let functionsOfTests: [Declaration]
    private let typesOfTests: [Declaration]

    init(at root: URL) {
        let files = SourceTree.files(of: root)
        sources = files.filter { $0.path.hasPrefix("Sources/") }
        code = files.filter { !$0.path.hasPrefix("Tests/") }
        tests = files.filter { $0.path.hasPrefix("Tests/") }
        declarations = code.flatMap(DeclarationReader.declarations)
        functions = declarations.filter { $0.kind == .function }
        let ofTests = tests.flatMap(DeclarationReader.declarations)
        functionsOfTests = ofTests.filter { $0.kind == .function }
        typesOfTests = ofTests.filter { $0.kind == .type }
    }

    var publicFiles: [SourceFile] {
        sources.filter { PublicDeclarations.rooms.contains(Self.room(of: $0.path)) }
    }

    var sizesOfTypes: [(name: String, lines: Int, files: Int)] {
        let parts = declarations.filter { $0.kind != .function }
        return Dictionary(grouping: parts) { "\(Self.room(of: $0.file)).\($0.name)" }
            .map { name, parts in
                (name, parts.map(\.lines.count).reduce(0, +), Set(parts.map(\.file)).count)
            }
    }

    /// Of types that other files see: what is private to a file is in no one's way.
    var namesInTwoModules: [String] {
        let types = declarations.filter {
            $0.kind == .type && $0.isTopLevel && $0.isShared && $0.file.hasPrefix("Sources/")
        }
        return Dictionary(grouping: types, by: \.name)
            .mapValues { Set($0.map { Self.room(of: $0.file) }) }
            .filter { $0.value.count > 1 }
            .map { "\($0.key) in \($0.value.sorted().joined(separator: " and "))" }.sorted()
    }

    var testTypesNamedAsPublicOnes: [String] {
        let known = Set(
            publicFiles.flatMap(\.code).compactMap { line in
                line.firstMatch(of: /^public (final |indirect )?(struct|class|enum|actor|protocol) (\w+)/).map {
                    String($0.output.3)
                }
            }
        )
        return typesOfTests.filter { $0.isTopLevel && $0.isShared && known.contains($0.name) }.map(\.place)
    }

    /// The second folder of a path: `RepriseEngine` of `Sources/RepriseEngine/Log/LogFold.swift`.
    private static func room(of path: String) -> String {
        path.split(separator: "/").dropFirst().first.map(String.init) ?? path
    }
}
