import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench", abstract: "Measure.")
    @OptionGroup var hub: HubOptions
    func run() async throws {}
}
