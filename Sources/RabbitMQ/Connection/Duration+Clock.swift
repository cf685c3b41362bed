extension Duration {
    /// Never negative; the largest number for what does not fit.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflow || carry ? .max : sum
    }

    /// At least one, because librabbitmq and the kernel take zero for "do not wait at all".
    var milliseconds: Int32 { Int32(clamping: max(1, nanoseconds / 1_000_000)) }
}
