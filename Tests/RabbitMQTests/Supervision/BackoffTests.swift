import RabbitMQ
import Testing

@Suite struct BackoffTests {
    @Test func doublesUpToTheCap() {
        let backoff = RabbitMQBackoff(base: .milliseconds(100), cap: .seconds(5))
        #expect(
            (1...8).map { backoff.ceiling(failures: $0) }
                == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map { .milliseconds($0) }
        )
        #expect(backoff.ceiling(failures: .max) == .seconds(5))
        #expect(backoff.ceiling(failures: 0) == .milliseconds(100))
    }

    @Test func jitterStaysInTheUpperHalf() {
        let backoff = RabbitMQBackoff(base: .milliseconds(100), cap: .seconds(5))
        var generator = SystemRandomNumberGenerator()
        for failures in 1...20 {
            let ceiling = backoff.ceiling(failures: failures)
            let delay = backoff.delay(failures: failures, using: &generator)
            #expect(delay >= ceiling / 2 - .microseconds(1))
            #expect(delay <= ceiling + .microseconds(1))
        }
    }
}
