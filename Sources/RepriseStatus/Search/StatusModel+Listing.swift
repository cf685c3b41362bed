import GRDB
package import RepriseKernel

/// One page of a list.
package struct InstanceList: Equatable, Sendable {
    package var statuses: [InstanceStatus]
    /// Pass as `after` for the next page; nil on the last one.
    package var next: ContinuationToken?
}

extension StatusModel {
    /// One page of the instances that match the filter, in order.
    ///
    /// Each page starts where the last one ended: instances that come and go between two pages neither repeat nor hide
    /// others. When ordered by a changing field, an instance that changed in between may appear twice, or not at all;
    /// others are unaffected. A page ends early, with a token, when its payloads pass `maximumBytes`.
    ///
    /// - Throws: ``SearchError``.
    package func list(
        _ filter: InstanceFilter = InstanceFilter(),
        orderedBy order: ListOrder = .byID,
        after token: ContinuationToken? = nil,
        limit: Int,
        includingInputs: Bool = true,
        maximumBytes: Int = 8 << 20
    ) async throws -> InstanceList {
        if let token, token.order != order {
            throw SearchError(.otherOrder, "the continuation token belongs to a list in the order of '\(token.order)'")
        }
        let columns = includingInputs ? StatusRecord.columns : StatusRecord.columnsWithoutInput
        return try await search { db in
            let selection = PageSelection(filter, order, try StatusIndex.columns(in: db))
            let places = try selection.places(after: token, limit: max(1, limit) + 1, in: db)
            // Payloads are read one by one, and only of the rows that are shown: a sort never carries them.
            let row = try db.cachedStatement(sql: "SELECT \(columns) FROM instances WHERE rowid = ?")
            var page = InstanceList(statuses: [], next: nil)
            var bytes = 0
            var last: PageSelection.Place?
            for place in places {
                if let last, page.statuses.count >= max(1, limit) || bytes > maximumBytes {
                    page.next = try last.token(in: order)
                    break
                }
                guard let found = try Row.fetchOne(row, arguments: [place.row]) else { continue }
                let status = try StatusRecord(row: found).status
                bytes += status.input.bytes.count + status.output.bytes.count + status.customStatus.bytes.count
                page.statuses.append(status)
                last = place
            }
            return page
        }
    }
}

/// Finds the rows of a page: only their positions.
struct PageSelection {
    let order: ListOrder
    let columns: FieldColumns
    let condition: SQL

    init(_ filter: InstanceFilter, _ order: ListOrder, _ columns: FieldColumns) {
        self.order = order
        self.columns = columns
        var compared = columns
        compared.passesIDs = order.field != .instanceID
        condition = filter.query(compared).condition
    }

    struct Place {
        var row: Int64
        var position: ComparedValue?
        var id: String

        /// - Throws: ``SearchError`` (`.longValue`).
        func token(in order: ListOrder) throws -> ContinuationToken {
            switch position {
            case .text(let text), .other(let text):
                guard text.utf8.count <= ContinuationToken.maximumPositionBytes else {
                    throw SearchError(.longValue, "'\(order.field)' has values that are too long to continue after")
                }
            case .integer, .real, nil: break
            }
            return ContinuationToken(order: order, position: order.field == .instanceID ? nil : position, lastID: id)
        }
    }

    /// First what has a value in the order's field, then what has none.
    func places(after token: ContinuationToken?, limit: Int, in db: Database) throws -> [Place] {
        var places: [Place] = []
        let isAmongMissing = token.map { $0.position == nil && order.field.mayBeMissing } ?? false
        if !isAmongMissing {
            places = try rows(present(after: token, limit), in: db)
        }
        if order.field.mayBeMissing, places.count < limit {
            places += try rows(missing(after: isAmongMissing ? token : nil, limit - places.count), in: db)
        }
        return places
    }

    func present(after token: ContinuationToken?, _ limit: Int) -> SQL {
        let field = columns.sql(order.field)
        if order.field == .instanceID {
            let place: SQL = token.map { " AND id \(beyond) \($0.lastID)" } ?? ""
            return
                "SELECT rowid, id, id FROM instances WHERE \(condition)\(place) ORDER BY id\(direction) LIMIT \(limit)"
        }
        var condition = condition
        if order.field.mayBeMissing { condition += " AND \(field) IS NOT NULL" }
        if let position = token?.position, let id = token?.lastID {
            condition += " AND (\(field), id) \(beyond) (\(position.databaseValue), \(id))"
        }
        return """
            SELECT rowid, \(field), id FROM instances WHERE \(condition) \
            ORDER BY \(field)\(direction), id\(direction) LIMIT \(limit)
            """
    }

    private func missing(after token: ContinuationToken?, _ limit: Int) -> SQL {
        let place: SQL = token.map { " AND id \(beyond) \($0.lastID)" } ?? ""
        return """
            SELECT rowid, NULL, id FROM instances WHERE \(condition) AND \(columns.sql(order.field)) IS NULL\(place) \
            ORDER BY id\(direction) LIMIT \(limit)
            """
    }

    private var direction: SQL { order.isDescending ? " DESC" : "" }
    private var beyond: SQL { order.isDescending ? "<" : ">" }

    private func rows(_ query: SQL, in db: Database) throws -> [Place] {
        try SQLRequest<Row>(literal: query).fetchAll(db).map {
            Place(row: $0[0], position: ComparedValue($0[1] as DatabaseValue), id: $0[2])
        }
    }
}
