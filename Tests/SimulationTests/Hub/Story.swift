import Reprise
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// What clients do with one instance id, from first to last.
struct Story {
    let instance: InstanceID
    let orchestrator: String
    let count: Int
    /// Sent with a message id, and so repeated without fear.
    let isKeyed: Bool
    /// Starts of this id so far; each waits for the end of the one before.
    var rounds = 0
    let lastRound: Int
    let purges: Bool
    var isPurgeSent = false
    let terminates: Bool
    /// Whether terminations and purges are for the children too.
    let includesChildren: Bool
    let suspends: Bool
    /// What becomes of a start whose id is taken; where that is unusual, several clients start at once.
    let existing: StartRequest.Existing
    /// How much later than asked for it is to begin.
    let delay: Duration?
    /// The first of its events comes with the start.
    let bringsEvent: Bool
    let version: String?
    let tags: [String: String]
    let restart: Restart?
    /// Steps until the client acts.
    var roundsLeft: Int

    enum Restart {
        case inPlace
        case elsewhere
    }

    private static let loners = [
        "Hello", "Hello", "FanOut", "Retrying", "Race", "Race", "Collector", "Collector", "Pacer", "Deriver",
        "Immediate", "Thrower", "Fickle", "Stalled", "Boaster", "Glutton", "Hasty", "Patient",
        "Painter",
    ]
    private static let companions = [
        "Family", "Persistent", "Bereaved", "Herald", "Caller", "Warden", "Mended", "Treadmill", "Postman",
        "Transfer", "Transfer", "Payer", "Spendthrift", "Squatter", "Squatter", "Scribe",
        "Penitent", "Penitent", "Defiant", "Matron", "Matron",
    ]
    private static let restartable: Set = ["Hello", "FanOut", "Deriver", "Immediate"]

    init(_ index: Int, _ random: inout SeededRandom) {
        instance = InstanceID(trusted: "instance-\(index)")
        orchestrator = (random.chance(40) ? Self.loners : Self.companions).randomElement(using: &random) ?? "Hello"
        count = Int.random(in: 1...5, using: &random)
        isKeyed = random.chance(85)
        lastRound = isKeyed && random.chance(40) ? Int.random(in: 2...3, using: &random) : 1
        purges = random.chance(30)
        terminates = Self.terminates(orchestrator, lastRound, &random)
        includesChildren = orchestrator == "Warden" || random.chance(60)
        suspends = random.chance(25)
        let isPlain = lastRound == 1 && !purges && isKeyed
        existing = isPlain && random.chance(25) ? (random.chance(50) ? .refuse : .use) : .replaceEnded
        delay = random.chance(15) ? .milliseconds(Int.random(in: 0...6_000, using: &random)) : nil
        bringsEvent = random.chance(30)
        version = random.chance(30) ? "1.\(count)" : nil
        tags = random.chance(30) ? ["story": "\(index)"] : [:]
        let restarts = isPlain && existing == .replaceEnded && !terminates && Self.restartable.contains(orchestrator)
        restart = restarts && random.chance(50) ? (random.chance(50) ? .inPlace : .elsewhere) : nil
        roundsLeft = Int.random(in: 0...40, using: &random)
    }

    /// One that nothing but its own partition has a part in.
    init(later index: Int, _ random: inout SeededRandom) {
        repeat { self.init(index, &random) } while !Self.restartable.contains(orchestrator) || restart != nil || purges
    }

    private static func terminates(_ orchestrator: String, _ rounds: Int, _ random: inout SeededRandom) -> Bool {
        switch orchestrator {
        case "Warden": true
        // Half a transfer would be no transfer, and what is mended is to be seen at its end.
        case "Transfer", "Mended": false
        case "Squatter": random.chance(50)
        // An event that was meant for a collector which was terminated would be collected by the next.
        case "Collector", "Postman": random.chance(12) && rounds == 1
        default: random.chance(12)
        }
    }

    /// What the instance says of itself before its code says anything.
    func initialStatus(_ round: Int) -> Payload? {
        guard orchestrator == "Painter", count > 1 else { return nil }
        var status = JSONObject()
        status.add("from", tag(round))
        return Payload(trusted: status.bytes)
    }

    func tag(_ round: Int) -> String { "\(instance)#\(round)" }

    /// How many events it waits for.
    var letters: Int {
        switch orchestrator {
        case "Collector": count
        case "Postman": TestOrchestrators.letters(count)
        default: 0
        }
    }

    /// Ends when someone cancels it, and in no other way.
    var isCanceled: Bool { ["Penitent", "Defiant", "Matron"].contains(orchestrator) }

    /// How often a start of it takes place.
    var executions: Int { restart == nil ? 1 : 2 }
}

/// One command of a client, however often it is sent.
/// What one instance has sent to another.
struct Internal {
    var command: Command
    /// In which round of the receiver's story it was sent.
    let round: Int?
    /// How often someone sent it again.
    var regrets = 0

    /// Whether it starts what goes its own way.
    var isForItself: Bool {
        if case .start(let request) = command.action { request.parent == nil } else { false }
    }

    init(_ command: Command, _ story: Story?) {
        self.command = command
        round = story?.rounds
    }
}

struct Request {
    var command: Command
    var tag: String?
    var wasAccepted = false
    var wasRefused = false
    /// Refusals heard after it was accepted, and dead letters of it.
    var laterRefusals = 0
    var letters = 0

    /// Whether a node takes the one for the other.
    func isRepeat(of other: Request) -> Bool {
        command.instance == other.command.instance && command.messageID == other.command.messageID
            && command.action.verb == other.command.action.verb
    }

    /// Such an event may be held for an instance that does not exist yet, and be a dead letter after all: when none comes in
    /// time, or when it has ended before it could take the event.
    var mayBeHeld: Bool {
        if case .raiseEvent = command.action { !command.isInteractive } else { false }
    }
}
