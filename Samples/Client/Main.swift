import Foundation
import RepriseClient

/// What `CityRecommender` says about itself, as far as this program cares.
struct Recommendation: Codable {
    var recommendedCities: [String]
}

/// Starts a trip, shows the cities as soon as they are there, takes the first, and prints what came of it.
@main struct Main {
    static func main() async throws {
        if let argument = CommandLine.arguments.dropFirst().first {
            let usage =
                "usage: reprise-sample-client; REPRISE_GATEWAY is the gateway's address (http://127.0.0.1:7071)\n"
            let isAsked = ["--help", "-h"].contains(argument)
            (isAsked ? FileHandle.standardOutput : .standardError).write(Data(usage.utf8))
            _exit(isAsked ? 0 : 64)
        }
        let gateway = ProcessInfo.processInfo.environment["REPRISE_GATEWAY"] ?? "http://127.0.0.1:7071"
        let client = try RepriseClient(gateway)
        let trip = try await client.start("CityRecommender", 2, options: StartOptions(tags: ["team": "travel"]))
        for try await status in client.statuses(of: trip) {
            print(status.runtimeStatus.rawValue, status.revision.map { "\($0)" } ?? "")
            guard let city = try status.customStatus(as: Recommendation.self)?.recommendedCities.first else { continue }
            try await client.raiseEvent("CitySelected", city, to: trip)
            break
        }
        print(try await client.result(of: trip, as: String.self, timeout: .seconds(30)))
    }
}
