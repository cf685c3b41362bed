import Testing

/// The names of a product stand beside those of the code that imports it.
@Suite struct ProductNamesTests {
    @Test("Every public type of the product RabbitMQ begins with its name")
    func rabbitMQ() {
        let type = /^public (?:(?:indirect|final) )*(?:struct|class|enum|protocol|actor|typealias) (\w+)/
        let names = SourceTree.files(under: "Sources/RabbitMQ").flatMap(\.code)
            .compactMap { $0.firstMatch(of: type).map { String($0.output.1) } }
        #expect(names.count > 15)
        let others = names.filter { !$0.hasPrefix("RabbitMQ") }
        #expect(others.isEmpty, "\(others.joined(separator: ", "))")
    }
}
