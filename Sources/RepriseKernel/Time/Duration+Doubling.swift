extension Duration {
    /// How long to wait when `failures` tries in a row have failed (1 or more): so long, twice as long after each further
    /// one, and never longer than `longest`.
    package func doubled(after failures: Int, atMost longest: Duration) -> Duration {
        // 2^20 times anything that is worth waiting for is beyond every limit.
        min(self * (1 << min(max(failures - 1, 0), 20)), longest)
    }
}
