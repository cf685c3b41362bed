import RepriseKernel

/// Generates names.
enum RandomName {
    /// 128 random bits in hexadecimal digits.
    static func make() -> String { DerivedIdentity.hex((0..<16).map { _ in UInt8.random(in: .min ... .max) }) }
}
