import Foundation
import GRDB
package import RepriseKernel

/// Which instances a question is about; everything left out lets all pass.
package struct InstanceFilter: Equatable, Sendable {
    /// Both ends belong to the range.
    package var createdFrom: Timestamp?
    package var createdTo: Timestamp?
    package var runtimeStatuses: Set<RuntimeStatus>?
    package var instanceIDPrefix: String?
    /// The orchestrator's.
    package var name: String?
    package var parent: InstanceID?
    /// All of them, with these values.
    package var tags: [String: String]

    package init(
        createdFrom: Timestamp? = nil,
        createdTo: Timestamp? = nil,
        runtimeStatuses: Set<RuntimeStatus>? = nil,
        instanceIDPrefix: String? = nil,
        name: String? = nil,
        parent: InstanceID? = nil,
        tags: [String: String] = [:]
    ) {
        self.createdFrom = createdFrom
        self.createdTo = createdTo
        self.runtimeStatuses = runtimeStatuses
        self.instanceIDPrefix = instanceIDPrefix
        self.name = name
        self.parent = parent
        self.tags = tags
    }
}

/// Which entities a question is about; everything left out lets all pass.
package struct EntityFilter: Equatable, Sendable {
    /// In lower case, as ids have it.
    package var name: String?
    /// Both ends belong to the range.
    package var lastOperationFrom: Timestamp?
    package var lastOperationTo: Timestamp?

    package init(name: String? = nil, lastOperationFrom: Timestamp? = nil, lastOperationTo: Timestamp? = nil) {
        self.name = name
        self.lastOperationFrom = lastOperationFrom
        self.lastOperationTo = lastOperationTo
    }
}

/// One page of a list.
package struct InstanceList: Equatable, Sendable {
    package var statuses: [InstanceStatus]
    /// Pass as `after` for the next page; nil on the last one.
    package var next: ContinuationToken?
}

/// Where a list goes on: opaque outside, and good for as long as anybody keeps it.
package struct ContinuationToken: Equatable, Sendable, CustomStringConvertible {
    let lastID: String

    init(lastID: String) { self.lastID = lastID }

    /// - Returns: nil for what is not a token of ours.
    package init?(_ text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.first == Self.format,
            let id = String(validating: bytes.dropFirst(), as: UTF8.self)
        else { return nil }
        lastID = id
    }

    package var description: String { (Data([Self.format]) + Data(lastID.utf8)).base64EncodedString() }

    private static let format: UInt8 = 1
}

struct FilterQuery: Sendable {
    private(set) var condition: String
    private(set) var arguments = StatementArguments()

    init(_ condition: String) { self.condition = condition }

    mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
        self.condition += " AND " + condition
        arguments += StatementArguments(values)
    }
}

extension InstanceFilter {
    var query: FilterQuery {
        var query = FilterQuery("purged = 0 AND entity = 0")
        if let createdFrom { query.add("created >= ?", createdFrom.milliseconds) }
        if let createdTo { query.add("created <= ?", createdTo.milliseconds) }
        if let runtimeStatuses {
            // The names are an enumeration's own: nothing of the question gets into the text.
            let names = runtimeStatuses.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            query.add("runtime_status IN (\(names))")
        }
        if let instanceIDPrefix { query.add(idPrefix: instanceIDPrefix) }
        if let name { query.add("name = ?", name) }
        if let parent { query.add("parent = ?", parent.value) }
        for (name, value) in tags {
            query.add("EXISTS (SELECT 1 FROM json_each(tags) WHERE key = ? AND value = ?)", name, value)
        }
        return query
    }
}

extension EntityFilter {
    /// Without a state there is no entity, only somebody who has locked what may become one.
    var query: FilterQuery {
        var query = FilterQuery("purged = 0 AND entity = 1 AND custom_status IS NOT NULL")
        // No entity has an @ in its name: what follows would be taken for the beginning of a key.
        if let name, name.unicodeScalars.contains("@") { query.add("FALSE") }
        if let name { query.add(idPrefix: "@\(name)@") }
        if let lastOperationFrom { query.add("last_updated >= ?", lastOperationFrom.milliseconds) }
        if let lastOperationTo { query.add("last_updated <= ?", lastOperationTo.milliseconds) }
        return query
    }
}

extension FilterQuery {
    fileprivate mutating func add(idPrefix prefix: String) {
        guard !prefix.isEmpty else { return }
        add("id >= ?", prefix)
        if let end = Self.successor(of: prefix) { add("id < ?", end) }
    }

    /// The first text after all that begin with `prefix`, in the order of bytes (which UTF-8 shares with scalars).
    static func successor(of prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            if let scalar = Unicode.Scalar(next) {
                scalars.append(scalar)
                var text = String.UnicodeScalarView()
                text.append(contentsOf: scalars)
                return String(text)
            }
        }
        return nil
    }
}
