import Foundation
import Reprise
import RepriseKernel

extension StatusShape {
    /// As shown below the line with the instance's status: a bar, or a tree.
    package func lines(width: Int) -> [String] {
        switch self {
        case .nothing, .text: []
        case .progress(let progress, let rest): [progress.bar(width: width)] + Self.lines(of: .object(rest))
        case .tree(let value): Self.lines(of: value)
        }
    }

    /// `stage: shipped · parcels: 2, 3`
    package var line: String {
        switch self {
        case .nothing: ""
        case .text(let text): text
        case .progress(let progress, let rest):
            ([progress.words] + rest.sorted { $0.key < $1.key }.map { "\($0.key): \(Self.words($0.value))" })
                .joined(separator: " · ")
        case .tree(let value): Self.words(value, isInside: false)
        }
    }

    private static func lines(of value: JSON) -> [String] {
        switch value {
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, member in entry(key, member) }
        case .array(let elements):
            elements.enumerated().flatMap { index, element in entry("\(index)", element) }
        default: [words(value)]
        }
    }

    private static func entry(_ key: String, _ value: JSON) -> [String] {
        switch value {
        case .object(let members) where !members.isEmpty:
            if let (progress, rest) = progress(in: members) {
                return ["\(key): \(progress.bar(width: 20))"] + lines(of: .object(rest)).map { "  " + $0 }
            }
            return ["\(key):"] + lines(of: value).map { "  " + $0 }
        case .array(let elements) where elements.contains { $0.isContainer }:
            return ["\(key):"] + lines(of: value).map { "  " + $0 }
        default: return ["\(key): \(words(value))"]
        }
    }

    private static func words(_ value: JSON, isInside: Bool = true) -> String {
        switch value {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .number(let value): return value.text
        case .string(let text): return text
        case .array(let elements):
            let text = elements.map { words($0) }.joined(separator: ", ")
            return elements.contains { $0.isContainer } && isInside ? "[\(text)]" : text
        case .object(let members):
            let text = members.sorted { $0.key < $1.key }.map { "\($0.key): \(words($0.value))" }
                .joined(separator: " · ")
            return isInside ? "{\(text)}" : text
        }
    }
}

extension StatusShape.Progress {
    /// `3 of 10`, `60 %`
    var words: String { total == 100 ? "\(Self.text(done)) %" : "\(Self.text(done)) of \(Self.text(total))" }

    /// `[██████░░░░]  60 %  3 of 5`
    func bar(width: Int) -> String {
        let bar = Bar.draw(done / total, width: width)
        return total == 100 ? bar : "\(bar)  \(words)"
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? Amount.count(Int64(number)) : "\(number)"
    }
}

extension JSON {
    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
