import Foundation
import Testing

/// Holds every room to ``Room/all`` and the other tables of `Rules.swift`.
@Suite("The rooms of the house")
struct ArchitectureTests {
    // MARK: Who knows whom

    @Test("A room imports what its line in the table allows", arguments: Room.all.map(\.folder))
    func imports(folder: String) throws {
        let room = try #require(Room.all.first { $0.folder == folder })
        let isKernel = folder == "Sources/RepriseKernel"
        let allowed = Set(room.ours + room.others).union(isKernel ? [] : Room.system)
        for file in SourceTree.files(under: folder) {
            let foreign = file.imports.filter { !allowed.contains($0) }
            #expect(foreign.isEmpty, "\(file) imports \(foreign.joined(separator: ", "))")
        }
    }

    @Test("The table itself only points downward")
    func downward() {
        let order = Room.all.map { $0.folder.replacing("Sources/", with: "") }
        for (index, room) in Room.all.enumerated() {
            for other in room.ours {
                let below = order.firstIndex(of: other)
                #expect(below.map { $0 > index } == true, "\(room.folder) points up to \(other)")
            }
        }
    }

    @Test("Every room is in the table")
    func complete() throws {
        let known = Room.all.map(\.folder)
        for folder in try SourceTree.folders(under: "Sources") {
            #expect(known.contains("Sources/\(folder)"), "Sources/\(folder) has no line in Rules.swift")
        }
    }

    @Test("A module with an owner is imported by no other", arguments: Ownership.all.map(\.module))
    func ownership(module: String) throws {
        let owners = Ownership.all.filter { $0.module == module }.flatMap(\.owners)
        for file in SourceTree.files(under: "Sources") + SourceTree.files(under: "Samples")
        where file.imports.contains(module) {
            #expect(
                owners.contains { file.path.hasPrefix($0 + "/") },
                "\(file) imports \(module), which belongs to \(owners)"
            )
        }
    }

    // MARK: What may grow

    @Test("What a type keeps has a bound")
    func bounds() throws {
        let known = Set(Bound.all.map(\.place))
        var seen: Set<String> = []
        for room in Bound.rooms {
            for file in SourceTree.files(under: "Sources/\(room)") {
                let name = file.path.split(separator: "/").last?.split(separator: ".").first ?? ""
                for variable in try file.keptCollections() {
                    let place = "\(room)/\(name)/\(variable)"
                    seen.insert(place)
                    let type = place.prefix { $0 != "." }
                    #expect(
                        known.contains(place) != Momentary.types.contains(String(type)),
                        "\(place) is in neither table of Bounds.swift, or in both"
                    )
                }
            }
        }
        #expect(seen.count > 100)
        let gone = known.subtracting(seen).sorted()
        #expect(gone.isEmpty, "there is no \(gone.joined(separator: ", ")) any more")
    }

    @Test("A bound's test is there")
    func testsOfBounds() {
        let tests = SourceTree.files(under: "Tests").flatMap(\.code)
            .compactMap { $0.firstMatch(of: /\bfunc (\w+)\(/).map { String($0.output.1) } }
        let missing = Set(Bound.all.compactMap(\.test)).subtracting(tests).sorted()
        #expect(missing.isEmpty, "there is no test \(missing.joined(separator: ", "))")
    }

    // MARK: What is not written

    @Test("Code that must not be written", arguments: Ban.all.indices)
    func bans(index: Int) throws {
        let ban = Ban.all[index]
        let pattern = try ban.regex
        for folder in ban.folders {
            for file in SourceTree.files(under: folder) where !ban.except.contains(file.path) {
                let lines = ban.isInTexts ? file.texts(matching: pattern) : file.lines(matching: pattern)
                #expect(lines.isEmpty, "\(ban.because): \(lines.joined(separator: ", "))")
            }
        }
    }

    @Test("Work races a time limit in one place")
    func timeLimits() {
        let races = SourceTree.files(under: "Sources")
            .filter { !TimeLimitRule.except.contains($0.path) && TimeLimitRule.isRace($0.code) }
            .map(\.path)
        #expect(races.isEmpty, "`within` gives up what takes too long: \(races.joined(separator: ", "))")
    }

    @Test("A race is seen on one line and on three")
    func races() {
        #expect(TimeLimitRule.isRace(["group.addTask { try? await clock.sleep(for: limit) }"]))
        #expect(TimeLimitRule.isRace(["group.addTask { [clock] in", "do {", "try await clock.sleep(for: limit)"]))
        #expect(!TimeLimitRule.isRace(["group.addTask { await work() }", "try await clock.sleep(for: pause)"]))
    }

    // MARK: Files

    @Test("A file fits one thought", arguments: ["Sources", "Samples", "Tests"])
    func length(folder: String) throws {
        for file in SourceTree.files(under: folder) {
            #expect(file.lineCount <= FileRules.longestFile, "\(file) has \(file.lineCount) lines")
        }
    }

    /// Held events are as a new table would be: one value owns them, one file uses it.
    @Test("A table of the journal is in seven files")
    func tables() {
        let rooms = ["RepriseEngine", "RepriseJournal", "RepriseTesting/Journal"]
        let files = rooms.flatMap { SourceTree.files(under: "Sources/\($0)") }.filter {
            !$0.lines(matching: /(?:^|\W)(?:held|HeldRow|HeldEvents)(?:\W|$)/).isEmpty
                || !$0.texts(matching: /CREATE TABLE held\W/).isEmpty
        }
        #expect(files.count == 7, "\(files)")
    }

    @Test("A folder is named after something of the domain", arguments: ["Sources", "Samples", "Tests"])
    func folders(folder: String) throws {
        for file in SourceTree.files(under: folder) {
            let refused = file.path.split(separator: "/").filter { FileRules.refusedFolders.contains(String($0)) }
            #expect(refused.isEmpty, "\(file)")
        }
    }

    /// Logging its parts logs everything they contain: a password was in the log of a gateway four times.
    @Test("S10: a type that keeps a secret shows it to no log and no dump")
    func secrets() throws {
        let secret = try Regex(
            #"^    (\w+(\(set\))? )*(let|var) \w*([pP]assword|[cC]redential|[aA]piKey|amqpURL)\w*: "#
        )
        var keepers = 0
        for file in SourceTree.files(under: "Sources") where !file.lines(matching: secret).isEmpty {
            keepers += 1
            // It stands on the command line, where everyone sees it, and its parser reads it by reflection.
            if file.path.hasSuffix("Settings/HubOptions.swift") { continue }
            #expect(!file.lines(matching: /\bCustomReflectable\b/).isEmpty, "\(file) keeps a secret")
        }
        #expect(keepers >= 5)
    }

    /// A file without a test may help others (a fixture); one with tests must say what it expects.
    @Test("Every file of tests asserts something")
    func assertions() throws {
        for file in SourceTree.files(under: "Tests") {
            let code = file.code.joined(separator: "\n")
            guard code.contains(/@Test\b/) else { continue }
            #expect(code.contains(/#expect\b|#require\b|Issue\.record|confirmation\(/), "\(file) expects nothing")
        }
    }

    // MARK: The tests' own eyes

    @Test("The tests see the house")
    func sight() throws {
        #expect(SourceTree.files(under: "Sources").count > 20)
        #expect(SourceTree.files(under: "Sources/RepriseKernel").contains { $0.path.hasSuffix("/HistoryCodec.swift") })
        #expect(
            SourceTree.files(under: "Tests").contains { $0.path.hasSuffix("ArchitectureTests/ArchitectureTests.swift") }
        )
    }

    @Test("E1: a function in a generic box is seen")
    func boxes() throws {
        let pattern = try Regex(Ban.boxedFunction)
        let refused = [
            "let settle = Mutex<(@Sendable ([Settlement]) -> Void)?>(nil)",
            "let a: Mutex<() -> Void>",
            "let a = Mutex<[(Int) async throws -> Int]>([])",
            "let a = Mutex<[String: (Int) async throws(E) -> Int]>([:])",
            "let a = Promise<@Sendable (Int) async -> String>()",
            "let a = Mutex({ 1 })",
            "let a = Mutex(nil as (() -> Void)?)",
        ]
        for line in refused { #expect(line.contains(pattern), "\(line)") }
        let allowed = [
            "let a = Mutex<(any PartitionLink)?>(nil)",
            "private let state = Mutex<(code: Int32?, waiters: [CheckedContinuation<Int32, Never>])>((nil, []))",
            ".map { (index: Int64) -> ClosedRange<Int64> in",
            "func read<A>(_ a: A) -> Mutex<Int>",
            "init(_ start: Timestamp) { time = Mutex(start) }",
        ]
        for line in allowed { #expect(!line.contains(pattern), "\(line)") }
    }

    /// By Unicode's rules no word begins behind a dot that stands between letters: such a ban saw no member of anything.
    @Test("A ban sees a member, too")
    func members() throws {
        let ban = try #require(Ban.all.first { $0.pattern.contains("waitForAll") })
        #expect("try await group.waitForAll()".contains(try ban.regex))
    }

    @Test("Comments and text literals are not code")
    func reading() {
        let text = [
            "import A // try!",
            "package import struct B.C",
            "@testable import D",
            #"let a = "try! \" fatalError(" /* try! /* */ */ + b"#,
            "let t = \"\"\"", "  import E", "  try!", "  \"\"\"",
            ##"let r = #"\"# + c"##,
        ].joined(separator: "\n")
        let file = SourceFile(path: "x.swift", text: text)
        #expect(file.imports == ["A", "B", "D"])
        #expect(file.lines(matching: /try!|fatalError/).isEmpty)
        #expect(file.code[3] == "let a =   + b")
        #expect(file.code[8] == "let r = ## + c")
        #expect(SourceFile(path: "x.swift", text: "a\ntry! b()\n").lines(matching: /\btry!/) == ["x.swift:2"])
        #expect(SourceFile(path: "x.swift", text: "a\nb\n").lineCount == 2)
    }
}
