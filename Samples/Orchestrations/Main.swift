import RepriseNode

/// A node with every sample. Settings come from the environment: `REPRISE_AMQP_URL`, `REPRISE_HUB`, `REPRISE_DATA`, …
@main struct Main {
    static func main() async {
        await Node(
            orchestrators: [
                HelloSequence(), CityRecommender(), ReserveTicket(), SetStatusTest(), PlaceOrder(), TakePayment(),
                FanOut(), CallService(), TrackParcel(), PackParcels(),
            ],
            activities: [SayHello(), CalculateDiscount(), ChargeCard(), PackParcel()],
            entities: [Counter()],
            configuration: .fromEnvironment()
        ).runUntilSignalled()
    }
}
