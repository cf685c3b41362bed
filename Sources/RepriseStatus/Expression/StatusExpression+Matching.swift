package import RepriseKernel

extension StatusExpression {
    /// Whether the instance meets the condition.
    ///
    /// - Parameter now: the time at which `age` is measured.
    package func matches(_ status: InstanceStatus, now: Timestamp) -> Bool { root.matches(status, now) }
}

extension StatusExpression {
    /// Whether it needs an instance's input to decide.
    package var asksForInputs: Bool { root.asksForInputs }
}

extension StatusExpression.Node {
    fileprivate var asksForInputs: Bool {
        switch self {
        case .all(let nodes), .any(let nodes): nodes.contains { $0.asksForInputs }
        case .not(let node): node.asksForInputs
        case .predicate(.json(.input, _), _): true
        case .predicate: false
        }
    }

    fileprivate func matches(_ status: InstanceStatus, _ now: Timestamp) -> Bool {
        switch self {
        case .all(let nodes): nodes.allSatisfy { $0.matches(status, now) }
        case .any(let nodes): nodes.contains { $0.matches(status, now) }
        case .not(let node): !node.matches(status, now)
        case .predicate(let field, .has(let value)): field.elements(in: status).contains(value)
        case .predicate(let field, let test): test.holds(for: field.value(in: status, now), of: field)
        }
    }
}

extension StatusExpression.Test {
    fileprivate func holds(for value: ComparedValue?, of field: StatusField) -> Bool {
        guard let value else { return self.holdsForMissing }
        switch self {
        case .compare(.notEqual, let other): return value != other
        case .compare(let comparison, let other): return value.order(to: other).map(comparison.allows) ?? false
        case .isOneOf(let others): return others.contains(value)
        case .startsWith(let prefix):
            guard case .text(let text) = value else { return false }
            return text.utf8.starts(with: prefix.utf8)
        case .exists: return !field.isWholeDocument || value != .null
        case .has: return false
        }
    }

    private var holdsForMissing: Bool { if case .compare(.notEqual, _) = self { true } else { false } }
}

extension StatusExpression.Comparison {
    fileprivate func allows(_ order: ComparedValue.Order) -> Bool {
        switch self {
        case .equal: order == .same
        case .notEqual: order != .same
        case .less: order == .before
        case .lessOrEqual: order != .after
        case .greater: order == .after
        case .greaterOrEqual: order != .before
        }
    }
}

extension StatusField {
    var isWholeDocument: Bool { if case .json(_, let path) = self { path.isRoot } else { false } }

    fileprivate func value(in status: InstanceStatus, _ now: Timestamp) -> ComparedValue? {
        switch self {
        case .runtimeStatus: .text(status.runtimeStatus.rawValue)
        case .name: .text(status.name)
        case .instanceID: .text(status.instance.value)
        case .parent: status.traits.parent.map { .text($0.value) }
        case .version: status.traits.version.map { .text($0) }
        case .createdTime: .integer(status.createdTime.milliseconds)
        case .lastUpdatedTime: .integer(status.lastUpdatedTime.milliseconds)
        case .age: .integer(Self.age(from: status.lastUpdatedTime, to: now))
        case .json(.tags, let path):
            path.tag.flatMap { name in
                // Byte by byte, as SQL finds it.
                status.traits.tags.first { $0.key.utf8.elementsEqual(name.utf8) }.map { .text($0.value) }
            }
        case .json(let document, let path): document.view(of: status).value(at: path).map { ComparedValue($0) }
        }
    }

    /// Without overflow: a node's clock may show any time.
    private static func age(from last: Timestamp, to now: Timestamp) -> Int64 {
        let (age, isTooLong) = now.milliseconds.subtractingReportingOverflow(last.milliseconds)
        return isTooLong ? (last.milliseconds < 0 ? .max : .min) : age
    }

    fileprivate func elements(in status: InstanceStatus) -> [ComparedValue] {
        guard case .json(let document, let path) = self, document != .tags else { return [] }
        return document.view(of: status).value(at: path)?.elements?.map { ComparedValue($0) } ?? []
    }
}

extension StatusField.Document {
    fileprivate func view(of status: InstanceStatus) -> JSONView {
        switch self {
        case .customStatus: JSONView(status.customStatus)
        case .input: JSONView(status.input)
        case .output: JSONView(status.output)
        case .tags: JSONView(.null)
        }
    }
}

extension JSONPath {
    fileprivate var tag: String? { if case .member(let name) = steps.first { name } else { nil } }
}

extension JSONView {
    fileprivate func value(at path: JSONPath) -> JSONView? {
        var view = self
        for step in path.steps {
            let next: JSONView? =
                switch step {
                case .member(let name): view.member(writtenAs: name)
                case .element(let index): view.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                }
            guard let next else { return nil }
            view = next
        }
        return view
    }
}

extension ComparedValue {
    fileprivate init(_ view: JSONView) {
        if let text = view.text {
            // SQLite's text ends there.
            self = .text(String(decoding: text.utf8.prefix { $0 != 0 }, as: UTF8.self))
        } else {
            let written = view.payload.text
            self = ComparedValue(number: written) ?? .other(written)
        }
    }

    /// A number of JSON: exact where it is a whole one that 64 bits can hold.
    init?(number text: String) {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            return nil
        }
        if let integer = Int64(text) {
            self = .integer(integer)
        } else if let real = Double(text) {
            self = .real(real)
        } else {
            return nil
        }
    }
}
