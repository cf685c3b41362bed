import HTTPTypes
import RepriseKernel
import RepriseStatus

/// How the query of a list or a purge becomes a filter. What cannot be read is refused, never ignored: a filter that
/// silently matches everything is how a purge deletes too much.
extension QueryParameters {
    /// - Parameter now: the time that `age` is measured at.
    func filter(now: Timestamp) throws(Problem) -> InstanceFilter {
        InstanceFilter(
            createdFrom: try time("createdTimeFrom", rounding: .up),
            createdTo: try time("createdTimeTo", rounding: .down),
            runtimeStatuses: try runtimeStatuses(),
            instanceIDPrefix: self["instanceIdPrefix"],
            name: self["name"].flatMap { $0.isEmpty ? nil : $0 },
            parent: try parent(),
            tags: try tags(),
            condition: try condition(now: now)
        )
    }

    /// Refuses a filter that is present but empty, as from a script with an empty variable: taken as no filter, it
    /// would match everything.
    func checkFilters() throws(Problem) {
        for name in ["createdTimeTo", "runtimeStatus", "instanceIdPrefix", "name", "parentInstanceId", "filter"] {
            let isList = name == "runtimeStatus"
            guard all(name).contains(where: { $0.allSatisfy { $0 == " " || isList && $0 == "," } }) else { continue }
            throw Problem(
                .badRequest,
                "The value of '\(name)' is empty: leave it out, or say which instances are meant"
            )
        }
    }

    private func condition(now: Timestamp) throws(Problem) -> StatusCondition? {
        guard all("filter").count(where: { !$0.isEmpty }) <= 1 else {
            throw Problem(.badRequest, "There may be only one filter: join the conditions with 'and'")
        }
        return try condition("filter").map { StatusCondition($0, now: now) }
    }

    /// A condition on instances, as text; nil without one.
    func condition(_ name: String) throws(Problem) -> StatusExpression? {
        guard let text = all(name).first(where: { !$0.isEmpty }) else { return nil }
        do throws(ExpressionError) {
            return try StatusExpression(parsing: text)
        } catch {
            throw Problem(error, in: name)
        }
    }

    func order() throws(Problem) -> ListOrder {
        guard let text = self["orderBy"], !text.isEmpty else { return .byID }
        do throws(ExpressionError) {
            return try ListOrder(parsing: text)
        } catch {
            throw Problem(error, in: "orderBy")
        }
    }

    func grouping() throws(Problem) -> Grouping? {
        guard let text = self["groupBy"], !text.isEmpty else { return nil }
        do throws(ExpressionError) {
            return try Grouping(parsing: text)
        } catch {
            throw Problem(error, in: "groupBy")
        }
    }

    func entityFilter(name: String?) throws(Problem) -> EntityFilter {
        EntityFilter(
            name: name?.lowercased(),
            lastOperationFrom: try time("lastOperationTimeFrom", rounding: .up),
            lastOperationTo: try time("lastOperationTimeTo", rounding: .down)
        )
    }

    /// The most rows of a page. A page may be shorter: the token says whether there is more.
    var pageSize: Int {
        min(self["top"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 100, 1000)
    }

    /// A number of one of our own routes; nil when it is left out. One without a value is refused.
    func wholeNumber(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = OutsideNumber(text).flatMap({ Int(exactly: $0.value) }), range.contains(number) else {
            throw Problem(
                .badRequest,
                "The value of '\(name)' is not a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    private func parent() throws(Problem) -> InstanceID? {
        guard let text = self["parentInstanceId"], !text.isEmpty else { return nil }
        do throws(InvalidName) { return try InstanceID(text) } catch { throw Problem.bad(error) }
    }

    func time(_ name: String, rounding: TimeText.Rounding) throws(Problem) -> Timestamp? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let time = TimeText.parse(text, rounding: rounding) else {
            throw Problem(.badRequest, "The value of '\(name)' is not an ISO 8601 date or time")
        }
        return time
    }

    /// A comma list, or the name repeated, or both; nil when there is none.
    private func runtimeStatuses() throws(Problem) -> Set<RuntimeStatus>? {
        var statuses: Set<RuntimeStatus> = []
        for list in all("runtimeStatus") {
            for word in list.split(separator: ",") {
                let word = word.filter { $0 != " " }
                guard !word.isEmpty else { continue }
                guard let status = RuntimeStatus(word: word) else {
                    let known = RuntimeStatus.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Problem(.badRequest, "There is no runtimeStatus '\(word.prefix(60))'; there are: \(known)")
                }
                statuses.insert(status)
            }
        }
        return statuses.isEmpty ? nil : statuses
    }
}

extension RuntimeStatus {
    /// The reference's numbers, which its clients may send instead of names.
    private static let numbers: [RuntimeStatus] = [
        .running, .completed, .continuedAsNew, .failed, .canceled, .terminated, .pending, .suspended,
    ]

    fileprivate init?(word: String) {
        if let number = Int(word) {
            guard Self.numbers.indices.contains(number) else { return nil }
            self = Self.numbers[number]
        } else if let status = Self.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() }) {
            self = status
        } else {
            return nil
        }
    }
}
