import Foundation
import RepriseNode

/// A node with every sample. Settings come from the environment: `REPRISE_AMQP_URL`, `REPRISE_HUB`, `REPRISE_DATA`, …
@main struct Main {
    static func main() async {
        readArguments()
        await Node(
            orchestrators: [
                HelloSequence(), CityRecommender(), ReserveTicket(), SetStatusTest(), PlaceOrder(), TakePayment(),
                FanOut(), CallService(), TrackParcel(), PackParcels(), ApprovePurchase(), WatchDelivery(),
                FulfilOrder(),
                ShipOrder(), ShipParcel(), ReportDaily(), Welcome(),
                MoveStock(), ImportCatalog(),
            ],
            activities: [
                SayHello(), CalculateDiscount(), ChargeCard(), PackParcel(), Notify(), Charge(), Refund(), ImportRows(),
                CarrierActivities(carrier: PromptCarrier()),
            ],
            entities: [Counter(), Stock()],
            configuration: .fromEnvironment()
        ).runUntilSignalled()
    }

    /// It takes none: anyone who gives one expects something that would not happen.
    private static func readArguments() {
        guard let argument = CommandLine.arguments.dropFirst().first else { return }
        if ["--help", "-h"].contains(argument) {
            print(
                """
                usage: reprise-samples

                A node with the sample orchestrators, until Ctrl-C or SIGTERM. Its settings come from the environment, or from
                the JSON file that REPRISE_CONFIG names (reprise.json where there is one):

                  REPRISE_AMQP_URL    the broker (amqp://guest:guest@127.0.0.1:5672/)
                  REPRISE_HUB         the task hub (default)
                  REPRISE_DATA        the directory of its journals (reprise-data); one node, one directory
                  REPRISE_PARTITIONS  how many partitions a new hub has (4)
                  REPRISE_ROLES       orchestrations,activities

                The article Operations lists them all. To start something: reprise start E1_HelloSequence --watch
                """
            )
            fflush(nil)
            _exit(0)
        }
        let sentence = "error: a node takes no arguments, and was given '\(argument)'; see: reprise-samples --help\n"
        FileHandle.standardError.write(Data(sentence.utf8))
        _exit(64)
    }
}
