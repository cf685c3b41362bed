import RepriseKernel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Random ids, for what has no other name.
enum RandomID {
    /// 128 random bits in hexadecimal digits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return DerivedIdentity.hex(bytes)
    }

    static func number() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

extension Timestamp {
    /// The time of the wall clock: only for people, never for an order or an age: machines differ.
    static var wallClock: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
