/// What the `Accept` fields of a request ask for (RFC 9110, 12.5.1).
struct AcceptedTypes {
    private var types: [(name: String, quality: Double)] = []

    init(_ fields: [String]) {
        types = fields.flatMap { $0.split(separator: ",") }.map { field in
            let words = field.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            let quality = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (words.first ?? "", quality)
        }
    }

    /// Whether the client prefers an event stream to an answer: it accepts only that, gives it more weight, or lists it
    /// first.
    var prefersEvents: Bool {
        guard let events = types.firstIndex(where: { $0.name == "text/event-stream" && $0.quality > 0 }) else {
            return false
        }
        let answers = types.indices.filter { ["application/json", "application/*", "*/*"].contains(types[$0].name) }
        return answers.allSatisfy { answer in
            let (a, b) = (types[events].quality, types[answer].quality)
            return a == b ? events < answer : a > b
        }
    }
}
