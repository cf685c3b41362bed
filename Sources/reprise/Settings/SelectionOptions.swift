import ArgumentParser
import RepriseKernel

/// Which instances a command is about: the options of commands that cover many.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only these: \(RuntimeStatus.allCases.map(\.rawValue).joined(separator: ", ")). May be repeated.",
            valueName: "status"
        ),
        transform: Self.status
    )
    var status: [RuntimeStatus] = []

    @Option(help: ArgumentHelp("Only of this orchestrator.", valueName: "orchestrator"))
    var name: String?

    @Option(help: ArgumentHelp("Only ids that begin with this.", valueName: "text"))
    var prefix: String?

    @Option(
        help: ArgumentHelp("Only with this tag. May be repeated.", valueName: "name=value"),
        transform: TagArgument.init
    )
    var tag: [TagArgument] = []

    @Option(help: ArgumentHelp("Only sub-orchestrations of this instance.", valueName: "id"))
    var parent: String?

    func validate() throws {
        _ = try TagArgument.collect(tag)
        do {
            if let parent { _ = try InstanceID(parent) }
        } catch {
            throw ValidationError(error.reason)
        }
    }

    /// True when nothing is selected, so that all are meant.
    var isEverything: Bool { status.isEmpty && name == nil && prefix == nil && tag.isEmpty && parent == nil }

    var selection: InstanceSelection {
        get throws {
            InstanceSelection(
                statuses: Set(status),
                name: name,
                prefix: prefix,
                tags: try TagArgument.collect(tag),
                parent: try parent.map { try InstanceID($0) }
            )
        }
    }

    private static func status(_ text: String) throws -> RuntimeStatus {
        guard let status = RuntimeStatus.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            let known = RuntimeStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is not a status; they are \(known)")
        }
        return status
    }
}
