/// What may grow in a process that lives for months: each collection that a type keeps, and what bounds it.
///
/// A hub left alone for a year must need no more than on its first day. Anyone who adds a collection says here
/// how far it can grow, and names the test that holds it; or that it is a value of a moment (``Momentary``).
struct Bound {
    /// The module, the file, the type and the variable.
    let place: String
    let by: String
    /// The function that tests it. Nil where what bounds it is how the process is made: partitions, connections, types.
    let test: String?

    init(_ place: String, by: String, test: String? = nil) {
        self.place = place
        self.by = by
        self.test = test
    }

    /// Rooms whose types live in nodes and gateways.
    static let rooms = [
        "RabbitMQ", "RepriseBroker", "RepriseEngine", "RepriseStatus", "RepriseHTTP", "RepriseNode", "RepriseGateway",
        "RepriseHosting", "RepriseJournal",
    ]

    static let all: [Bound] = rabbitMQ + broker + engine + reading

    private static let rabbitMQ = [
        Bound("RabbitMQ/BrokerChoice/State.all", by: "addresses", test: "forgetsAddressesThatAreGone"),
        Bound("RabbitMQ/CallQueue/CallQueue.waiting", by: "callers, each with a deadline", test: "whatWaitsExpiresToo"),
        Bound(
            "RabbitMQ/ChannelInbox/Contents.publications",
            by: "the publisher's bound; the connection's thread takes all"
        ),
        Bound(
            "RabbitMQ/ChannelInbox/Contents.acknowledgements",
            by: "prefetch",
            test: "prefetchBoundsWhatIsUnacknowledged"
        ),
        Bound(
            "RabbitMQ/ChannelState/ChannelState.acknowledgements",
            by: "prefetch",
            test: "prefetchBoundsWhatIsUnacknowledged"
        ),
        Bound(
            "RabbitMQ/ChannelState/ChannelState.orphans",
            by: "consumers that no one waits for, until the broker ends them"
        ),
        Bound("RabbitMQ/ChannelState/ChannelState.deliveries", by: "one reading of the socket"),
        Bound("RabbitMQ/ChannelState/ChannelState.settlements", by: "one reading of the socket"),
        Bound("RabbitMQ/ConnectionCore/CommandQueue.commands", by: "the connection's thread takes all"),
        Bound("RabbitMQ/ConnectionCore/CommandQueue.listeners", by: "callers that wait for the connection's end"),
        Bound("RabbitMQ/ConnectionLoop/ClosingHandshake.waiters", by: "who closes the connection"),
        Bound("RabbitMQ/ConnectionLoop/ConnectionLoop.channels", by: "the broker's channel_max"),
        Bound("RabbitMQ/ConnectionLoop/ConnectionLoop.byID", by: "the broker's channel_max"),
        Bound("RabbitMQ/ConnectionLoop/ConnectionLoop.control", by: "channels that open or close"),
        Bound("RabbitMQ/SocketWatchdog/State.watches", by: "open connections"),
        Bound(
            "RabbitMQ/FIFO/FIFO.elements",
            by: "who keeps it; its places come back",
            test: "staysSmallOverManyPublications"
        ),
        Bound("RabbitMQ/ConfirmWindow/ConfirmWindow.entries", by: "the window", test: "staysSmallOverManyPublications"),
        Bound(
            "RabbitMQ/ConfirmWindow/ConfirmWindow.byMessageID",
            by: "the window",
            test: "staysSmallOverManyPublications"
        ),
        Bound("RabbitMQ/ConfirmWindow/ConfirmWindow.returns", by: "the window", test: "staysSmallOverManyPublications"),
        Bound(
            "RabbitMQ/PublishQueue/PublishQueue.waiting",
            by: "the publisher: a partition's maximumUnconfirmed",
            test: "aCongestedPartitionGoesOnWhenTheBrokerConfirms"
        ),
        Bound("RabbitMQ/PublishQueue/PublishQueue.urgent", by: "a log's appends, one after the other's confirm"),
    ]

    private static let broker = [
        Bound(
            "RepriseBroker/ActivityExecutor/Running.deliveries",
            by: "prefetch",
            test: "prefetchBoundsWhatIsUnacknowledged"
        ),
        Bound(
            "RepriseBroker/ActivityExecutor/State.running",
            by: "prefetch",
            test: "prefetchBoundsWhatIsUnacknowledged"
        ),
        Bound(
            "RepriseBroker/RequestTable/RequestTable.waiting",
            by: "a gateway's requests",
            test: "connectionsBeyondTheLimitWait"
        ),
        Bound("RepriseBroker/StatusWatch/Iterator.ready", by: "one batch of statuses"),
        Bound("RepriseBroker/ClusterObserver/State.activities", by: "1,000 names"),
        Bound("RepriseBroker/BrokerPartitionLink/State.activities", by: "the activities of the hub's code"),
        Bound("RepriseBroker/ClusterPolicy/State.waiters", by: "contenders, of which there is one a partition"),
        Bound("RepriseBroker/Promise/State.waiters", by: "callers that wait"),
        Bound("RepriseBroker/AnswerLine/WaitingAnswers.all", by: "number and bytes", test: "theyAreBoundedInNumber"),
        Bound("RepriseBroker/BatchQueue/State.elements", by: "prefetch", test: "prefetchBoundsWhatIsUnacknowledged"),
        Bound("RepriseBroker/BrokerAlarm/State.reasons", by: "connections"),
        Bound("RepriseBroker/Outage/State.said", by: "kinds of errors, until it ends"),
        Bound("RepriseBroker/AnswerLine/ReplyQueues.underWay", by: "the window", test: "replyQueuesAreForgotten"),
        Bound("RepriseBroker/AnswerLine/ReplyQueues.stuck", by: "1,000 queues", test: "replyQueuesAreForgotten"),
        Bound("RepriseBroker/LaneLedger/LaneLedger.entries", by: "number and bytes", test: "whatWaitsInALaneIsBounded"),
        Bound(
            "RepriseBroker/LaneLedger/LaneLedger.positions",
            by: "number and bytes",
            test: "whatWaitsInALaneIsBounded"
        ),
        Bound("RepriseBroker/SilenceTable/Silence.keys", by: "1,000 routing keys"),
        Bound("RepriseBroker/SilenceTable/SilenceTable.all", by: "1,000 destinations"),
        Bound(
            "RepriseBroker/UnansweredQueues/UnansweredQueues.troubles",
            by: "1,000 queues",
            test: "queuesWithoutAnswersAreBounded"
        ),
        Bound(
            "RepriseBroker/ForwardLedger/ForwardLedger.entries",
            by: "prefetch",
            test: "prefetchBoundsWhatIsUnacknowledged"
        ),
        Bound("RepriseBroker/ForwardLedger/ForwardLedger.stalled", by: "inboxes"),
        Bound("RepriseBroker/LogSegments/State.openings", by: "the segment that is cut"),
        Bound(
            "RepriseBroker/LogFragments/LogAssembler.partials",
            by: "four records, and bytes",
            test: "unfinishedRecordsAreBounded"
        ),
        Bound(
            "RepriseBroker/BrokerPartitionLink/State.tasks",
            by: "unconfirmed tasks",
            test: "aCongestedPartitionGoesOnWhenTheBrokerConfirms"
        ),
    ]

    private static let engine = [
        Bound("RepriseEngine/ClusterMembership/ClusterMembership.known", by: "partitions"),
        Bound("RepriseEngine/ClusterMembership/ClusterMembership.ranks", by: "partitions"),
        Bound("RepriseEngine/ClusterMembership/ClusterMembership.claims", by: "partitions"),
        Bound(
            "RepriseEngine/ClusterView/ClusterView.members",
            by: "1,024 nodes, each of which is bounded, too (whatIsHeardOfANodeIsBounded)",
            test: "nodesThatAreHeardAreBounded"
        ),
        Bound("RepriseEngine/ClusterView/ClusterView.lastOwners", by: "partitions"),
        Bound("RepriseEngine/PartitionMailbox/Contents.controls", by: "news of a partition's lock and link"),
        Bound(
            "RepriseEngine/PartitionMailbox/Contents.deliveries",
            by: "prefetch",
            test: "prefetchBoundsWhatIsUnacknowledged"
        ),
        Bound(
            "RepriseEngine/PartitionMailbox/Contents.settlements",
            by: "the window",
            test: "staysSmallOverManyPublications"
        ),
        Bound("RepriseEngine/Outbox/Outbox.confirmedBeyond", by: "gaps of the unconfirmed"),
        Bound(
            "RepriseEngine/Outbox/Outbox.rows",
            by: "the unconfirmed",
            test: "theFirstUnconfirmedRowMovesUpWithTheWatermark"
        ),
        Bound(
            "RepriseEngine/Outbox/Outbox.inFlight",
            by: "maximumUnconfirmed",
            test: "aCongestedPartitionGoesOnWhenTheBrokerConfirms"
        ),
        Bound(
            "RepriseEngine/RetryTable/RetryTable.entries",
            by: "open tasks and commands; statuses are let go",
            test: "aStatusThatASubscriberRefusesIsLetGoAfterAFewTries"
        ),
        Bound(
            "RepriseEngine/NextSegment/NextSegment.commits",
            by: "bytesKept",
            test: "commitsThatAreKeptForASnapshotAreBounded"
        ),
        Bound("RepriseEngine/RecentTroubles/RecentTroubles.saidAt", by: "200 troubles of a minute"),
        Bound("RepriseEngine/ChangedInputs/ChangedInputs.told", by: "10,000 instances"),
        Bound("RepriseEngine/RetryTable/RetryTable.due", by: "as rows", test: "canceledTimersDoNotPileUp"),
        Bound(
            "RepriseEngine/HeldEvents/HeldEvents.byInstance",
            by: "number and bytes",
            test: "eventsForNobodyAreBounded"
        ),
        Bound(
            "RepriseEngine/HeldEvents/HeldEvents.instances",
            by: "number and bytes",
            test: "eventsForNobodyAreBounded"
        ),
        Bound("RepriseEngine/HeldEvents/HeldEvents.due", by: "number and bytes", test: "eventsForNobodyAreBounded"),
        Bound(
            "RepriseEngine/HiddenInstances/HiddenInstances.rows",
            by: "what is purged and not yet deleted, whose places come back"
        ),
        Bound("RepriseEngine/LiveInstance/LiveInstance.appended", by: "HistoryTooLong: 100,000 events"),
        Bound("RepriseEngine/LiveInstance/LiveInstance.former", by: "one batch"),
        Bound("RepriseEngine/HiddenInstances/HiddenInstances.fresh", by: "one batch"),
        Bound(
            "RepriseEngine/LiveInstances/LiveInstances.byID",
            by: "maximumLiveSessions",
            test: "crowdedOutSessionsComeBackByReplay"
        ),
        Bound("RepriseEngine/LiveInstances/LiveInstances.byKey", by: "maximumLiveSessions, as byID"),
        Bound("RepriseEngine/LiveInstances/LiveInstances.touched", by: "one batch"),
        Bound("RepriseEngine/InlineMessages/InlineMessages.encoded", by: "the unconfirmed of them"),
        Bound("RepriseEngine/InlineMessages/InlineMessages.decided", by: "one batch"),
        Bound("RepriseEngine/PartitionSettings/PartitionEnvironment.observers", by: "what the program adds"),
        Bound("RepriseEngine/LeftHistory/LeftHistory.entries", by: "generations of which a message is unconfirmed"),
        Bound("RepriseEngine/CrashCounts/CrashCounts.rows", by: "instances in whose turns a process died"),
        Bound("RepriseEngine/CrashCounts/CrashCounts.forgiven", by: "one batch"),
        Bound("RepriseEngine/Partition/Partition.waiting", by: "what waited when the partition was taken"),
        Bound(
            "RepriseEngine/RetryTable/RetryTable.knownOwners",
            by: "messages that wait",
            test: "whoseHistoryAMessageIsOfIsKnownOfThoseThatWaitOnly"
        ),
        Bound("RepriseEngine/PendingEvents/PendingEvents.events", by: "bytes", test: "waitingEventsAreBoundedInBytes"),
        Bound("RepriseEngine/ReportedProgress/ReportedProgress.open", by: "open tasks", test: "itEndsWithItsInstance"),
        Bound("RepriseEngine/ReportedProgress/ReportedProgress.order", by: "one batch"),
        Bound("RepriseEngine/ReportedProgress/ReportedProgress.newest", by: "one batch"),
        Bound("RepriseEngine/DueQueue/DueQueue.heap", by: "twice what is armed", test: "canceledTimersDoNotPileUp"),
        Bound("RepriseEngine/DueQueue/DueQueue.armed", by: "open timers, which live in memory"),
        Bound("RepriseEngine/ArmedTimers/ArmedTimers.stored", by: "open timers", test: "whatIsPutOffIsDueThen"),
        Bound("RepriseEngine/ArmedTimers/ArmedTimers.queue", by: "open timers, which live in memory"),
    ]

    private static let reading = [
        Bound(
            "RepriseStatus/ChangeNotifier/Listeners.byInstance",
            by: "followers",
            test: "connectionsBeyondTheLimitWait"
        ),
        Bound("RepriseStatus/ChangeNotifier/Listeners.ofAll", by: "followers", test: "connectionsBeyondTheLimitWait"),
        Bound("RepriseStatus/FieldColumns/FieldColumns.indexed", by: "indexes that an operator added"),
        Bound("RepriseHTTP/ClientPresence/State.waiting", by: "held requests", test: "connectionsBeyondTheLimitWait"),
        Bound(
            "RepriseHTTP/ReadYourWrites/Ages.young",
            by: "10,000 instances",
            test: "aFloodOfChangesIsForgotten"
        ),
        Bound("RepriseHTTP/ReadYourWrites/Ages.old", by: "10,000 instances", test: "aFloodOfChangesIsForgotten"),
        Bound("RepriseJournal/MemoryDisk/MemoryDisk.slots", by: "partitions of a test"),
        Bound("RepriseNode/HTTPTransport/Waiting.arrived", by: "activities that run", test: "manyAreUnderWayAtOnce"),
        Bound(
            "RepriseNode/HTTPTransport/Waiting.canceled",
            by: "activities that run",
            test: "aCanceledRequestEndsAtOnce"
        ),
    ]
}

/// Types whose values live for a message, a batch, a request or a decision, and types of settings.
enum Momentary {
    static let types: Set<String> = [
        // One message, or what is put together from some.
        "RabbitMQ/AMQPURL/AMQPURL", "RabbitMQ/RabbitMQMessage/RabbitMQMessage",
        "RepriseBroker/AnnouncementEnvelope/NodeBody", "RepriseBroker/AnnouncementEnvelope/OrchestratorBody",
        "RepriseBroker/AnnouncementEnvelope/PartitionBody",
        "RepriseBroker/AnswerEnvelope/Assembly", "RepriseBroker/IntakeRouting/Decision",
        "RepriseBroker/LogFragments/Partial", "RepriseBroker/LaneLedger/Outcome",
        "RepriseEngine/Partition+Retries/RetryReading", "RepriseEngine/WantedMessages/WantedMessages",
        "RepriseBroker/BrokerInspection/Report", "RepriseBroker/BrokerInspection+Members/Member",
        "RepriseEngine/StoredDeadLetter/StoredDeadLetter",
        "RepriseEngine/PartitionLink/LogEntry", "RepriseEngine/PartitionLink/LogPosition",
        "RepriseEngine/LogRecord/JournalChanges", "RepriseEngine/DeadLetterSource/DeadLetterList",
        "RepriseEngine/NodeAnnouncement/NodeAnnouncement", "RepriseEngine/NodeAnnouncement/OrchestratorAnnouncement",
        "RepriseEngine/NodeAnnouncement/PartitionAnnouncement",
        // A batch and its commit.
        "RepriseEngine/Batch/Batch", "RepriseEngine/Partition/Effects", "RepriseEngine/JournalCommit/JournalCommit",
        "RepriseEngine/JournalHead/JournalHead", "RepriseEngine/JournalCommit/RowChanges",
        "RepriseEngine/JournalCommit/RecoveredPartition", "RepriseEngine/JournalRows/HistoryRow",
        "RepriseEngine/JournalCommit/PendingRow",
        "RepriseEngine/JournalCommit/HeldRow", "RepriseEngine/JournalCommit/SeenRow",
        "RepriseEngine/JournalCommit/InlineRow",
        "RepriseEngine/Partition+AwaitedWork/AwaitedWork", "RepriseJournal/MemoryJournalStore/ReceivedBytes",
        "RepriseStatus/StatusModel+Following/AppliedBatch",
        // A decision about the cluster, and a report of it.
        "RepriseEngine/AssignmentPlan/AssignmentPlan", "RepriseEngine/AssignmentPlan/SharePlanner",
        "RepriseEngine/ClusterReport/ClusterReport", "RepriseEngine/ClusterReport/Node",
        "RepriseEngine/ClusterReport/Partition",
        // A request and its answer.
        "RepriseStatus/StatusChange/StatusTimeline", "RepriseStatus/StatusChange/StreamPosition",
        "RepriseStatus/InstanceFilter/InstanceFilter",
        "RepriseStatus/StatusModel+Tree/InstanceTree", "RepriseStatus/StatusModel+Tree/Gathering",
        "RepriseStatus/StatusRow/StoredFailure",
        "RepriseStatus/StatusModel+Counting/InstanceCounts", "RepriseStatus/StatusModel+Listing/InstanceList",
        "RepriseHTTP/InstanceEvents/InstanceEvents",
        "RepriseHTTP/Call/Call", "RepriseHTTP/Endpoint/EndpointPath", "RepriseHTTP/Endpoint/Address",
        "RepriseHTTP/OpenAPIDocument/OperationDescription",
        "RepriseHTTP/AcceptedTypes/AcceptedTypes",
        "RepriseNode/HTTPReception/HTTPReception", "RepriseNode/OutgoingRequest/OutgoingRequest",
        "RepriseHTTP/RequestTarget/QueryParameters", "RepriseHTTP/StartOptions/StartOptions",
        // Settings.
        "RabbitMQ/RabbitMQConnectionConfiguration/RabbitMQConnectionConfiguration",
        "RepriseEngine/PartitionSettings/PartitionSettings", "RepriseHTTP/HTTPConfiguration/HTTPConfiguration",
        "RepriseNode/NodeConfiguration/NodeConfiguration",
    ]
}
