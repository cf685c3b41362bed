public import Reprise
package import RepriseKernel

extension RepriseClient {
    /// The matching orchestrations, fetched page by page as they are consumed.
    ///
    /// ```swift
    /// for try await status in client.list(InstanceFilter(statuses: [.failed])) { print(status.id) }
    /// ```
    /// - Parameters:
    ///   - order: a field or a path, optionally with `desc`: `createdTime desc`, `customStatus.stage`. By id when nil.
    ///   - inputs: whether their inputs come along.
    ///   - pageSize: how many to fetch at once.
    public func list(
        _ filter: InstanceFilter = InstanceFilter(),
        orderedBy order: String? = nil,
        inputs: Bool = false,
        pageSize: Int = 100
    ) -> Pages<OrchestrationStatus> {
        let request = listing(filter, orderedBy: order, inputs: inputs, pageSize: pageSize)
        return Pages(client: self, request: request) { OrchestrationStatus($0) }
    }

    /// The same as the gateway's own JSON.
    package func listJSON(
        _ filter: InstanceFilter,
        orderedBy order: String?,
        pageSize: Int
    ) -> Pages<JSONView> {
        let request = listing(filter, orderedBy: order, inputs: true, pageSize: pageSize)
        return Pages(client: self, request: request) { $0 }
    }

    private func listing(
        _ filter: InstanceFilter,
        orderedBy order: String?,
        inputs: Bool,
        pageSize: Int
    ) -> GatewayRequest {
        var request = GatewayRequest(.get, "instances")
        request.query = filter.query()
        if let order { request.query.append(("orderBy", order)) }
        request.query.append(("showInput", inputs ? "true" : "false"))
        request.query.append(("top", String(max(1, pageSize))))
        return request
    }
}

/// A list that the gateway returns page by page. It ends at the page without a token; pages before it may be empty.
public struct Pages<Element: Sendable>: AsyncSequence, Sendable {
    let client: RepriseClient
    let request: GatewayRequest
    let read: @Sendable (JSONView) -> Element?

    public func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

    /// Asks the gateway for a page when the last one is used up.
    public struct Iterator: AsyncIteratorProtocol {
        private let pages: Pages
        private var fetched: ArraySlice<Element> = []
        /// Nil before the first page, empty after the last.
        private var token: String?

        init(pages: Pages) { self.pages = pages }

        /// - Throws: ``RepriseError``, or `CancellationError`.
        public mutating func next() async throws -> Element? {
            while fetched.isEmpty {
                guard token != "" else { return nil }
                try await fetch()
            }
            return fetched.removeFirst()
        }

        private mutating func fetch() async throws {
            var request = pages.request
            if let token { request.headers[Self.tokenHeader] = token }
            let answer = try await pages.client.granted(request, by: [200])
            guard let elements = try answer.json().elements else { throw answer.unexpected("it is not a list") }
            let read = elements.map(pages.read)
            guard !read.contains(where: { $0 == nil }) else { throw answer.unexpected("a listed item cannot be read") }
            fetched = read.compactMap(\.self)[...]
            token = answer.headers[Self.tokenHeader] ?? ""
        }

        private static var tokenHeader: String { "x-ms-continuation-token" }
    }
}
