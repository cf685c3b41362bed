extension Duration {
    /// How long to wait after `failures` failures in a row (at least 1): this duration, doubled after each further one,
    /// and never longer than `longest`.
    package func doubled(after failures: Int, atMost longest: Duration) -> Duration {
        // 2^20 times any useful wait is beyond every limit.
        min(self * (1 << min(max(failures - 1, 0), 20)), longest)
    }
}
