import Synchronization

/// Which of several brokers the connections of one configuration go to: all to the same, as long as it serves them.
///
/// ```
///   never left, in an order that each process draws for itself  ──▶  left, the longest ago first
/// ```
/// So the processes of a hub spread over its brokers, also when one of these goes, and a process that has left a broker
/// returns to it only once the others have failed.
final class BrokerChoice: Sendable {
    private let seed: UInt64
    private let departures = Mutex(State())

    private struct State {
        var last: UInt64 = 0
        /// By address, only of those that there are.
        var all: [String: UInt64] = [:]
    }

    init(seed: UInt64 = .random(in: 0 ... .max)) { self.seed = seed }

    /// The order in which to try these.
    func order(_ addresses: [BrokerAddress]) -> [BrokerAddress] {
        let numbers = order(addresses.map(\.number))
        return numbers.compactMap { number in addresses.first { $0.number == number } }
    }

    /// Of addresses, each once. Forgets what it knows of others.
    func order(_ addresses: [String]) -> [String] {
        let present = Set(addresses)
        let departures = departures.withLock { departures in
            departures.all = departures.all.filter { present.contains($0.key) }
            return departures.all
        }
        return present.map { (address: $0, left: departures[$0] ?? 0, rank: rank($0)) }
            .sorted { ($0.left, $0.rank, $0.address) < ($1.left, $1.rank, $1.address) }
            .map(\.address)
    }

    /// The broker at this address has failed, or is lost.
    func leave(_ address: String) {
        departures.withLock { departures in
            departures.last += 1
            departures.all[address] = departures.last
        }
    }

    private func rank(_ address: String) -> UInt64 {
        var hash = FNV1a64()
        withUnsafeBytes(of: seed) { hash.combine($0) }
        for var byte in address.utf8 { withUnsafeBytes(of: &byte) { hash.combine($0) } }
        // The last bytes of addresses hardly reach the high bits, which decide.
        return hash.value ^ hash.value << 32
    }
}
