import Foundation
import Reprise
import Testing

@Suite("JSON of Swift values")
struct JSONValuesTests {
    private struct Parcel: Codable, Equatable {
        var number: Int
        var weight: Double?
    }

    @Test("Variables go into literals, and texts are put together")
    func made() throws {
        let (count, name, share, isDone) = (3, "Ada", 0.5, true)
        let value: JSON = [
            "count": JSON(count), "greeting": "Hello \(name)!", "name": JSON(name), "share": JSON(share),
            "done": JSON(isDone), "parcel": try JSON(Parcel(number: 7)),
        ]
        #expect(value["count"] == 3 && value["name"] == "Ada" && value["greeting"] == "Hello Ada!")
        #expect(value["share"] == 0.5 && value["done"] == true)
        #expect(value["parcel"] == ["number": 7])
        #expect(throws: Failure.self) { try JSON(Parcel(number: 1, weight: .infinity)) }
    }

    @Test("A value is read as what it is, and as nothing else")
    func read() throws {
        let value: JSON = ["n": 3, "d": 2.5, "whole": 4.0, "s": "3", "b": false, "a": [1, nil], "o": ["x": 1]]
        #expect(value["n"]?.int == 3 && value["n"]?.double == 3 && value["n"]?.string == nil)
        #expect(value["d"]?.int == nil && value["d"]?.double == 2.5)
        #expect(value["whole"]?.int == 4)
        #expect(value["s"]?.string == "3" && value["s"]?.int == nil && value["s"]?.double == nil)
        #expect(value["b"]?.bool == false && value["n"]?.bool == nil)
        #expect(value["a"]?.array?.count == 2 && value["a"]?[1]?.isNull == true && value["o"]?.array == nil)
        #expect(value["o"]?.object?.names == ["x"] && value["a"]?.object == nil)
        #expect(JSON.number(JSON.Number(1e300)).int == nil)
    }

    @Test("It becomes a value of your own")
    func decoded() throws {
        let value: JSON = ["number": 7, "weight": 1.5]
        #expect(try value.decoded(as: Parcel.self) == Parcel(number: 7, weight: 1.5))
        let failure = #expect(throws: Failure.self) { let _: Parcel = try JSON.null.decoded() }
        #expect(failure?.type == "UnreadablePayload")
    }

    @Test("Minutes, hours and days are durations")
    func durations() {
        #expect(Duration.minutes(3) == .seconds(180) && Duration.minutes(0.5) == .seconds(30))
        #expect(Duration.hours(2) == .minutes(120) && Duration.hours(1.5) == .minutes(90))
        #expect(Duration.days(1) == .hours(24) && Duration.days(0.25) == .hours(6))
    }
}
