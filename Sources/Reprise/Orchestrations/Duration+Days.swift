/// Durations as people say them.
extension Duration {
    /// So many minutes.
    public static func minutes(_ minutes: some BinaryInteger) -> Duration { .seconds(60) * Int64(minutes) }

    /// So many minutes, of which one may be a part.
    public static func minutes(_ minutes: Double) -> Duration { .seconds(60 * minutes) }

    /// So many hours.
    public static func hours(_ hours: some BinaryInteger) -> Duration { .seconds(3_600) * Int64(hours) }

    /// So many hours, of which one may be a part.
    public static func hours(_ hours: Double) -> Duration { .seconds(3_600 * hours) }

    /// So many days of 24 hours.
    public static func days(_ days: some BinaryInteger) -> Duration { .seconds(86_400) * Int64(days) }

    /// So many days of 24 hours, of which one may be a part.
    public static func days(_ days: Double) -> Duration { .seconds(86_400 * days) }
}
