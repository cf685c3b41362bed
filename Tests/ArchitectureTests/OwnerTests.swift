import Testing

/// A type that is spread over files keeps what it keeps in one place: each of its variables is written in one file.
///
/// Written is what is assigned, to the variable or through it, passed with `&`, or changed by a verb of the standard
/// collections. A verb of the variable's own type is not a write here: what that one keeps is written in its own file.
@Suite struct OwnerTests {
    @Test("No variable is written from two files")
    func owners() throws {
        let owners = try VariableOwners(SourceTree.files(under: "Sources"))
        #expect(owners.spread.count > 20, "the test sees the types")
        let shared = owners.shared.map { "\($0.key) in \($0.value.sorted().joined(separator: ", "))" }.sorted()
        #expect(shared.isEmpty, "give it a type with verbs of its own, or one file that writes it: \(shared)")
    }

    @Test(
        "What writes",
        arguments: [
            "a = 1", "self.a = 1", "a += 1", "a &+= 1", "a.b.c = 1", "a[key] = 1", "a[key].b -= 1", "a? = 1",
            "a?.b = 1",
            "f(&a)", "a.append(1)", "a.b.removeAll { $0 }", "if x { a = 1 }", "let y = a.list.removeFirst()",
            "guard let y = a.popFirst() else { return }", "let a = 1; self.a = a", "if let a { b(a) }; a = 1",
        ]
    )
    func writes(line: String) throws { #expect(try shared(line) == ["M/T.a"]) }

    @Test(
        "What does not",
        arguments: [
            "if a == 1 {}", "let a = 1", "var a = 1", "if let a {}", "guard a <= 1, a >= 1, a != 1 else {}", "b(a)",
            "a.verb(1)", "x.a = 1", "f { [a = b] in }", "var a: Int = 1\n        a = 2", "let b = a.count",
            "if let a { a = 1 }",
            "guard var a else { return }; a = 1", "for a in b { a = 1 }",
        ]
    )
    func reads(line: String) throws { #expect(try shared(line).isEmpty) }

    @Test("An initializer, a parameter and another type's variable of that name do not count")
    func scopes() throws {
        #expect(try shared("}\ninit() { a = 1 }\nfunc h() {").isEmpty)
        #expect(try shared("}\nfunc h(\n    a: inout Int\n) throws {\n  a = 1").isEmpty)
        #expect(try shared("}\nstruct U { var a = 1\n mutating func h() { a = 2 } }\nfunc h() {").isEmpty)
        #expect(try shared("}\n}\nextension U {\nfunc h() { a = 1").isEmpty)
        #expect(try shared("}\nclass func h() {\n}\nfunc i() { a = 1") == ["M/T.a"])
    }

    @Test("What is computed is not a place, what is observed is one, and a type's own verbs are not the library's")
    func kinds() throws {
        let one = """
            class T {
                var a: Int { 1 }
                var b = 1 {
                    didSet {}
                }
                var c = Line()
                var d = [1]
                func f() { a = 1; b = 2; c.append(3); d.append(4) }
            }
            """
        let other = "extension T { func g() { a = 1; b = 2; c.append(3); d.append(4) } }"
        #expect(try shared(one, other) == ["M/T.b", "M/T.d"])
    }

    /// What is written in two files when the second writes it in this way.
    private func shared(_ line: String) throws -> [String] {
        try shared(
            "class T {\n    var a: [Int] = []\n    let b = 1\n    func f() {\n        a = []\n    }\n}\n",
            "extension T {\n    func g() {\n        \(line)\n    }\n}\n"
        )
    }

    private func shared(_ one: String, _ other: String) throws -> [String] {
        let files = [
            SourceFile(path: "Sources/M/One.swift", text: one), SourceFile(path: "Sources/M/Other.swift", text: other),
        ]
        return try VariableOwners(files).shared.keys.sorted()
    }
}
