import RepriseKernel
import Testing

@Suite struct TimeTextTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00Z"), (1_570_386_624_999, "2019-10-06T18:30:24Z"),
        (951_782_399_000, "2000-02-28T23:59:59Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    ])
    func timesAreWrittenToTheSecond(milliseconds: Int64, text: String) {
        #expect(TimeText.seconds(Timestamp(milliseconds: milliseconds)) == text)
    }

    @Test func historyIsWrittenToTheMillisecond() {
        #expect(TimeText.milliseconds(Timestamp(milliseconds: 1_570_386_624_067)) == "2019-10-06T18:30:24.067Z")
    }

    @Test("The first and the last time there is are written, too", arguments: [Int64.min, .min + 1, -1_001, .max])
    func edges(milliseconds: Int64) {
        let text = TimeText.milliseconds(Timestamp(milliseconds: milliseconds))
        #expect(text.hasSuffix("\(((milliseconds % 1000) + 1000) % 1000)Z"))
    }

    @Test(arguments: [
        ("2019-10-06", Int64(1_570_320_000_000)), ("2019-10-06T18:30", 1_570_386_600_000),
        ("2019-10-06T18:30:24Z", 1_570_386_624_000), ("2019-10-06T18:30:24", 1_570_386_624_000),
        ("2019-10-06 18:30:24Z", 1_570_386_624_000), ("2019-10-06T18:30:24.5Z", 1_570_386_624_500),
        ("2019-10-06T20:30:24+02:00", 1_570_386_624_000), ("2019-10-06T20:30:24 02:00", 1_570_386_624_000),
        ("2019-10-06T13:00:24-0530", 1_570_386_624_000), ("2019-10-06T18:30:24.123000Z", 1_570_386_624_123),
    ])
    func timesAreRead(text: String, milliseconds: Int64) {
        #expect(TimeText.parse(text, rounding: .up)?.milliseconds == milliseconds)
        #expect(TimeText.parse(text, rounding: .down)?.milliseconds == milliseconds)
    }

    @Test func whatLiesBetweenTwoMillisecondsIsRoundedIntoTheRange() {
        let text = "2019-10-06T18:30:24.123456Z"
        #expect(TimeText.parse(text, rounding: .up)?.milliseconds == 1_570_386_624_124)
        #expect(TimeText.parse(text, rounding: .down)?.milliseconds == 1_570_386_624_123)
    }

    @Test(arguments: [
        "", "yesterday", "2019", "2019-13-01", "2019-02-29", "2019-10-06T25:00Z", "2019-10-06T18:30:24X",
        "2019-10-06T18:30:24.Z", "2019-10-06Tx", "10/06/2019", "2019-10-06T18:30:24+99:00", "2019-10-06T18:30:24Z ",
    ])
    func otherTextIsNoTime(text: String) {
        #expect(TimeText.parse(text, rounding: .up) == nil)
    }

    @Test func everyDayIsWrittenAsItIsRead() {
        for day in stride(from: Int64(-200_000), through: 200_000, by: 37) {
            let time = Timestamp(milliseconds: day * 86_400_000)
            guard day > -719_162 else { continue }
            #expect(TimeText.parse(TimeText.seconds(time), rounding: .up) == time)
        }
    }
}
