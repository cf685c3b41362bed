package import RepriseKernel

/// One line of a doctor's report: all is well, or what to do about it.
package struct Finding: Equatable, Sendable {
    package enum State: String, Equatable, Sendable {
        case ok
        case bad
        /// Unknown, or good to know; no reason to worry.
        case note
    }

    package var state: State
    /// What was checked, in one or two words.
    package var subject: String
    package var text: String
    package var advice: String?

    package static func ok(_ subject: String, _ text: String) -> Finding {
        Finding(state: .ok, subject: subject, text: text)
    }

    package static func note(_ subject: String, _ text: String) -> Finding {
        Finding(state: .note, subject: subject, text: text)
    }

    package static func bad(_ subject: String, _ text: String, advice: String) -> Finding {
        Finding(state: .bad, subject: subject, text: text, advice: advice)
    }

    /// `ok  partition 0   owned by …`, `!!  partition 1   no node owns it → start one`
    package func line(subjectWidth: Int) -> String {
        let mark =
            switch state {
            case .ok: "ok"
            case .bad: "!!"
            case .note: "--"
            }
        let line = "\(mark)  \(Text.pad(subject, to: subjectWidth))  \(Text.line(text))"
        return advice.map { "\(line) → \($0)" } ?? line
    }

    package var json: JSONObject {
        var object = JSONObject()
        object.add("state", state.rawValue)
        object.add("subject", subject)
        object.add("text", text)
        if let advice { object.add("advice", advice) }
        return object
    }
}
