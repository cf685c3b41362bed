import Reprise
import RepriseKernel

extension RepriseError {
    /// What a refusing answer means.
    ///
    /// - Parameter subject: what the request was about, as worded in a sentence: `instance 'trip-1'`.
    init(_ answer: GatewayAnswer, about subject: String) {
        let body = try? JSONView(checking: answer.body, maximumDepth: 2 * JSONCheck.maximumDepth).members
        let said = body?["Message"]?.text ?? body?["ExceptionMessage"]?.text
        let code = body?["ExceptionType"]?.text.map { Code(rawValue: $0) } ?? Self.code(answer.status)
        self.init(
            code,
            said ?? Self.sentence(answer.status, subject),
            isRetriable: RetrySchedule.mayPass(answer.status),
            httpStatus: answer.status
        )
    }

    private static func code(_ status: Int) -> Code {
        switch status {
        case 400: .invalid
        case 401, 403: .forbidden
        case 404: .unknownInstance
        case 409: .alreadyExists
        case 410: .ended
        case 412: .notFailed
        case 413: .tooLarge
        case 429: .tooManyPending
        case 502, 503, 504: .unavailable
        default: .unexpectedAnswer
        }
    }

    private static func sentence(_ status: Int, _ subject: String) -> String {
        switch status {
        case 401, 403: "Access to \(subject) was denied (\(status)): pass the credentials in the client's headers"
        case 404: "There is no \(subject)"
        case 409: "There is an \(subject) already"
        case 410: "\(subject.prefix(1).uppercased() + subject.dropFirst()) has ended"
        case 502, 503, 504: "The gateway, or the partition of \(subject), is away (\(status)): try again later"
        default: "The answer to a request about \(subject) was \(status), which this client does not understand"
        }
    }
}
