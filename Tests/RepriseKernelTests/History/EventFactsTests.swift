import RepriseKernel
import Testing

@Suite struct EventFactsTests {
    /// An event that gets a version and tells observers nothing, or the other way round, would be a gap in their numbers.
    @Test(arguments: HistoryCodecTests.everyEvent) func observersAreToldOfWhatHasAVersion(event: HistoryEvent) {
        #expect(event.isPublished == (event.statusChange != nil))
        let record = HistoryRecord(event, time: .zero, version: event.isPublished ? 1 : nil)
        #expect(record.isOutbound || !event.isPublished)
    }

    @Test func eachKindHasAWordOfItsOwn() {
        let words = HistoryCodecTests.everyEvent.map(\.facts.word)
        let kinds = Set(HistoryCodecTests.everyEvent.map { "\($0)".prefix { $0 != "(" } })
        #expect(Set(words).count == kinds.count)
    }
}
