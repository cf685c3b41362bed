import Foundation
import Reprise
import RepriseKernel
import Testing

/// What can be found out of a type without an example of it, and what honestly cannot.
@Suite struct JSONSchemaTests {
    @Test func aStructureIsDescribed() {
        #expect(
            text(JSONSchema(of: Delivery.self))
                == #"{"properties":{"at":{"format":"date-time","type":"string"},"#
                + #""hints":{"additionalProperties":{"type":"integer"},"type":"object"},"#
                + #""items":{"items":{"properties":{"count":{"type":"integer"},"name":{"type":"string"}},"#
                + #""required":["count","name"],"type":"object"},"type":"array"},"#
                + #""note":{"type":"string"},"rest":{},"share":{"type":"number"},"stage":{"enum":["packing","sent"]}},"#
                + #""required":["at","hints","items","rest","share","stage"],"type":"object"}"#
        )
    }

    @Test func plainValuesAreDescribed() {
        #expect(text(JSONSchema(of: Int8.self)) == #"{"type":"integer"}"#)
        #expect(text(JSONSchema(of: String?.self)) == #"{"anyOf":[{"type":"string"},{"type":"null"}]}"#)
        #expect(text(JSONSchema(of: Wrapped.self)) == #"{"type":"string"}"#)
        #expect(
            text(JSONSchema(of: Set<Bool>.self)) == #"{"items":{"type":"boolean"},"type":"array","uniqueItems":true}"#
        )
        #expect(text(JSONSchema(of: Picky.self)) == #"{"type":"integer"}"#, "as far as it reads")
        #expect(text(JSONSchema(of: Level.self)) == #"{"enum":[1,2]}"#)
    }

    @Test func aChoiceThatCannotBeListedIsATextOrANumber() {
        #expect(
            text(JSONSchema(of: Journey.self))
                == #"{"properties":{"distance":{"type":"integer"},"leg":{"type":"string"},"only":{"type":"string"},"#
                + #""stops":{"items":{"type":"integer"},"type":"array"}},"required":["distance","leg","only","stops"],"#
                + #""type":"object"}"#
        )
    }

    @Test func whatHasNoSchemaIsNamed() {
        #expect(RegisteredOrchestrator(Untyped()).undescribed.isEmpty)
        #expect(RegisteredOrchestrator(Typed()).undescribed.isEmpty)
        #expect(RegisteredOrchestrator(Opaque()).undescribed == ["its status, Holder", "its event 'Outcome'"])
    }

    @Test func aTypeWithinItselfHasAnEnd() {
        #expect(
            text(JSONSchema(of: Node.self))
                == #"{"properties":{"children":{"items":{},"type":"array"}},"required":["children"],"type":"object"}"#
        )
    }

    @Test func whatCannotBeLookedIntoLetsEverythingPass() {
        #expect(JSONSchema(of: Outcome.self).isEmpty)
        #expect(JSONSchema(of: Holder.self).isEmpty, "part of the truth would be a lie")
        #expect(JSONSchema(of: JSON.self).isEmpty)
    }

    @Test func anOrchestratorShowsWhatItDeclares() {
        #expect(RegisteredOrchestrator(Untyped()).statusSchema == nil)
        #expect(RegisteredOrchestrator(Untyped()).inputSchema == nil)
        #expect(RegisteredOrchestrator(Typed()).statusSchema?.text.hasPrefix(#"{"properties":{"count""#) == true)
        #expect(RegisteredOrchestrator(Written()).statusSchema?.text == #"{"title":"by hand"}"#)
        #expect(RegisteredOrchestrator(Written()).inputSchema?.text == #"{"type":"integer"}"#)
    }

    private func text(_ schema: JSONSchema) -> String {
        (try? PayloadCoding.encode(schema.json, as: "it"))?.text ?? ""
    }
}

private struct Delivery: Codable {
    struct Item: Codable {
        var name: String
        var count: Int
    }
    enum Stage: String, Codable, CaseIterable { case packing, sent }
    var stage: Stage
    var items: [Item]
    var hints: [String: Int]
    var note: String?
    var at: Date
    var share: Double
    var rest: JSON
}

private struct Wrapped: RawRepresentable, Codable { var rawValue: String }
private enum Level: Int, Codable, CaseIterable {
    case low = 1
    case high
}
private struct Node: Codable { var children: [Node] }
private enum Outcome: Codable {
    case open
    case closed(Int)
}
private struct Picky: Codable {
    var value: Int
    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Int.self)
        throw CancellationError()
    }
}
private struct Holder: Codable {
    var outcome: Outcome
    var count: Int
}

private struct Journey: Codable {
    enum Leg: String, Codable { case plane, train }
    enum Only: String, Codable { case one }
    enum Stop: Int, Codable { case first = 7 }
    var leg: Leg
    var only: Only
    var stops: [Stop]
    var distance: Int
}

extension Outcome: ExternalEvent {}

private struct Opaque: Orchestrator {
    typealias Status = Holder
    static let events: [any ExternalEvent.Type] = [Outcome.self]
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int { 0 }
}

private struct Untyped: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int { 0 }
}

private struct Typed: Orchestrator {
    struct Status: Codable { var count: Int }
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        try setStatus(Status(count: 1), in: context)
        return 0
    }
}

private struct Written: Orchestrator {
    struct Status: Codable { var count: Int }
    static let statusSchema: JSONSchema? = ["title": "by hand"]
    func run(_ context: OrchestrationContext, input: Int) async throws -> Int { 0 }
}
