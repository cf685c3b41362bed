import RepriseKernel

/// Random numbers from a seed, so that a seed is a run: a failure can be repeated.
package struct SeededRandom: RandomNumberGenerator {
    private var generator: SeededGenerator

    package init(seed: UInt64) {
        generator = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678)
    }

    package mutating func next() -> UInt64 { generator.next() }

    /// True in about `percent` of a hundred calls.
    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
