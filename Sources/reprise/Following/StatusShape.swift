import Foundation
package import Reprise
package import RepriseKernel

/// A custom status by its kind: nothing, a text, a number out of a total, or anything else as a tree. The gateway's
/// page reads it the same way (`Page/Files/status.js`).
package enum StatusShape: Equatable {
    case nothing
    case text(String)
    case progress(Progress, rest: JSON.Object)
    case tree(JSON)

    package struct Progress: Equatable {
        package var done: Double
        package var total: Double
    }

    package init(_ status: Payload) {
        let value = JSON(JSONView(status))
        switch value {
        case .null: self = .nothing
        case .string(let text): self = .text(text)
        case .object(let members):
            if let (progress, rest) = Self.progress(in: members) {
                self = .progress(progress, rest: rest)
            } else {
                self = .tree(.object(members))
            }
        case .array(let elements): self = .tree(.array(elements))
        case .bool, .integer, .number: self = .text(status.text)
        }
    }

    private static let totals = ["total", "of", "outof", "max", "goal"]
    private static let parts = [
        "done", "completed", "processed", "finished", "current", "progress", "position", "step", "count", "value",
    ]
    private static let percents = ["percent", "percentage"]

    /// The number out of a total that the object has, and what else it has.
    static func progress(in members: JSON.Object) -> (Progress, rest: JSON.Object)? {
        func number(_ names: [String]) -> (key: String, value: Double)? {
            for name in names {
                for key in members.names where key.lowercased() == name {
                    if let value = members[key]?.amount, value >= 0 { return (key, value) }
                }
            }
            return nil
        }
        if let total = number(totals), total.value > 0 {
            let others = members.filter { $0.key != total.key && ($0.value.amount ?? -1) >= 0 }
            // Whatever it is called, if there is only one.
            let only = others.count == 1 ? others.first { _ in true }.map { ($0.key, $0.value.amount ?? 0) } : nil
            guard let done = number(parts) ?? only else { return nil }
            let rest = members.filter { $0.key != total.key && $0.key != done.key }
            return (Progress(done: done.value, total: total.value), rest)
        }
        guard let percent = number(percents) else { return nil }
        return (Progress(done: percent.value, total: 100), members.filter { $0.key != percent.key })
    }
}

extension JSON {
    fileprivate var amount: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value.double
        default: nil
        }
    }
}
