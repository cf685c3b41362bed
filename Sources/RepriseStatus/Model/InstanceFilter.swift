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

    package init(
        createdFrom: Timestamp? = nil,
        createdTo: Timestamp? = nil,
        runtimeStatuses: Set<RuntimeStatus>? = nil,
        instanceIDPrefix: String? = nil
    ) {
        self.createdFrom = createdFrom
        self.createdTo = createdTo
        self.runtimeStatuses = runtimeStatuses
        self.instanceIDPrefix = instanceIDPrefix
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
    private(set) var condition = "purged = 0"
    private(set) var arguments = StatementArguments()

    mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
        self.condition += " AND " + condition
        arguments += StatementArguments(values)
    }
}

extension InstanceFilter {
    var query: FilterQuery {
        var query = FilterQuery()
        if let createdFrom { query.add("created >= ?", createdFrom.milliseconds) }
        if let createdTo { query.add("created <= ?", createdTo.milliseconds) }
        if let runtimeStatuses {
            // The names are an enumeration's own: nothing of the question gets into the text.
            let names = runtimeStatuses.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            query.add("runtime_status IN (\(names))")
        }
        if let prefix = instanceIDPrefix, !prefix.isEmpty {
            query.add("id >= ?", prefix)
            if let end = Self.successor(of: prefix) { query.add("id < ?", end) }
        }
        return query
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
