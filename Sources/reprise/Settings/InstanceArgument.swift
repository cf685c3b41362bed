import ArgumentParser
import RepriseKernel

/// The instance that a command is about.
struct InstanceArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The instance.", valueName: "id"))
    var id: String

    func validate() throws {
        do {
            _ = try InstanceID(id)
        } catch {
            throw ValidationError(error.reason)
        }
    }

    var instance: InstanceID { get throws { try InstanceID(id) } }
}
