import HTTPTypes
import RepriseKernel

/// The options of a start besides orchestrator and input: the reference's `version`, and our own.
struct StartOptions {
    var version: String?
    var tags: [String: String]
    var startTime: Timestamp?
    var existing: StartRequest.Existing
    /// The name of an event that comes with the start.
    var event: String?
    var customStatus: Payload?

    init(_ query: QueryParameters) throws(Problem) {
        version = try query.name("version", of: "a version")
        tags = try query.tags()
        startTime = try query.time("startAt", rounding: .up)
        existing = .replaceEnded
        if let word = query["ifExists"], !word.isEmpty {
            guard let choice = StartRequest.Existing(rawValue: word.lowercased()) else {
                let known = StartRequest.Existing.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.badRequest, "There is no ifExists '\(word.prefix(60))'; there are: \(known)")
            }
            existing = choice
        }
        event = try query.name("raiseEvent", of: "an event's name")
        customStatus = query.json("customStatus")
    }

    /// - Parameter body: the input or, with an event, both: `{"input": …, "event": …}`.
    func request(orchestrator: String, body: Payload) throws(Problem) -> StartRequest {
        var request = StartRequest(
            orchestrator: orchestrator,
            input: body,
            version: version,
            tags: tags,
            startTime: startTime,
            existing: existing,
            customStatus: customStatus
        )
        guard let event else { return request }
        guard let members = JSONView(body).members,
            members.names.allSatisfy({ ["input", "event"].contains($0) })
        else {
            throw Problem(.badRequest, #"With raiseEvent the body is {"input": …, "event": …}"#)
        }
        request.input = members["input"]?.payload ?? .null
        let initial = StartRequest.Event(name: event, payload: members["event"]?.payload ?? .null)
        do throws(Rejection) { try Limits().check(event: initial) } catch { throw Problem(error) }
        request.event = initial
        return request
    }
}

extension QueryParameters {
    /// `tag=name:value`, once for each tag.
    func tags() throws(Problem) -> [String: String] {
        var tags: [String: String] = [:]
        for text in all("tag") {
            // Scalar by scalar: a colon and a combining mark after it are one character.
            guard let colon = text.unicodeScalars.firstIndex(of: ":"), colon > text.startIndex else {
                throw Problem(.badRequest, "A tag must be written name:value; '\(text.prefix(60))' is not")
            }
            let name = String(text.unicodeScalars[..<colon])
            let value = String(text.unicodeScalars[text.unicodeScalars.index(after: colon)...])
            if let former = tags.updateValue(value, forKey: name), former != value {
                throw Problem(.badRequest, "The tag '\(name.prefix(60))' has two values")
            }
        }
        do throws(Failure) {
            try Limits().check(tags: tags)
        } catch {
            throw Problem(.badRequest, Problem.sentence(error.message))
        }
        return tags
    }

    /// A name, as orchestrators and events have; nil when there is none.
    func name(_ parameter: String, of what: String) throws(Problem) -> String? {
        guard let name = self[parameter], !name.isEmpty else { return nil }
        do throws(InvalidName) {
            try RegisteredName.check(name, of: what)
        } catch {
            throw Problem.bad(error)
        }
        return name
    }
}
