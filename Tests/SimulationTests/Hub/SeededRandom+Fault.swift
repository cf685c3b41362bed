import RepriseTestOrchestrators
import RepriseTestSupport

extension SeededRandom {
    /// One fault's own, so that where it does not strike all goes on as it did without it.
    ///
    /// The seed is mixed first: the numbers of two seeds that follow each other are the same, shifted by one.
    init(of fault: String, _ seed: UInt64) {
        var mixed = SeededRandom(seed: seed)
        for byte in fault.utf8 { mixed = SeededRandom(seed: mixed.next() ^ UInt64(byte)) }
        self = mixed
    }
}
