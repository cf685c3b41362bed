/// The fields of an instance.
package enum StatusField: Hashable, Sendable {
    case runtimeStatus
    case name
    case instanceID
    case parent
    case version
    case createdTime
    case lastUpdatedTime
    /// The time since the last change.
    case age
    case json(Document, JSONPath)

    /// The columns that hold JSON.
    package enum Document: String, Hashable, Sendable, CaseIterable {
        case customStatus
        case input
        case output
        case tags
    }

    /// - Throws: ``ExpressionError`` for what is not a field.
    package init(parsing text: String) throws(ExpressionError) {
        var parser = ExpressionParser(try ExpressionLexer.tokens(of: text))
        self = try parser.field()
        try parser.expectEnd()
    }

    init(_ name: String, _ steps: [JSONPath.Step], at position: Int) throws(ExpressionError) {
        if let document = Document(rawValue: name) {
            if document == .tags {
                guard steps.count == 1, case .member = steps.first else {
                    throw ExpressionError(at: position, "one tag is written tags.<name>")
                }
            }
            guard let path = JSONPath(steps) else {
                throw ExpressionError(
                    at: position,
                    "a path has at most \(JSONPath.maximumSteps) steps, each name \(JSONPath.maximumNameBytes) bytes "
                        + "without control characters, \" and \\, each number at most \(JSONPath.maximumElement)"
                )
            }
            self = .json(document, path)
            return
        }
        guard let field = Self.plain.first(where: { $0.description == name }) else {
            let documents = Document.allCases.map { "\($0.rawValue).…" }
            let known = (Self.plain.map(\.description) + documents).joined(separator: ", ")
            throw ExpressionError(at: position, "there is no field '\(name.prefix(60))'; there are: \(known)")
        }
        guard steps.isEmpty else { throw ExpressionError(at: position, "\(name) has no parts") }
        self = field
    }

    private static let plain: [StatusField] = [
        .runtimeStatus, .name, .instanceID, .parent, .version, .createdTime, .lastUpdatedTime, .age,
    ]

    /// The type of its values.
    enum Kind: Equatable {
        case status
        case text
        case time
        case age
        case json
    }

    var kind: Kind {
        switch self {
        case .runtimeStatus: .status
        case .name, .instanceID, .parent, .version, .json(.tags, _): .text
        case .createdTime, .lastUpdatedTime: .time
        case .age: .age
        case .json: .json
        }
    }

    /// Whether an instance may have none.
    var mayBeMissing: Bool {
        switch self {
        case .parent, .version, .json: true
        case .runtimeStatus, .name, .instanceID, .createdTime, .lastUpdatedTime, .age: false
        }
    }
}

extension StatusField: CustomStringConvertible {
    /// As it is written in an expression.
    package var description: String {
        switch self {
        case .runtimeStatus: "runtimeStatus"
        case .name: "name"
        case .instanceID: "instanceId"
        case .parent: "parentInstanceId"
        case .version: "version"
        case .createdTime: "createdTime"
        case .lastUpdatedTime: "lastUpdatedTime"
        case .age: "age"
        case .json(let document, let path): document.rawValue + path.suffix
        }
    }
}
