import RepriseKernel

/// Every setting that any program of a hub reads. Programs share environments and files, so a node also knows settings
/// that only the gateway reads.
///
/// A name that is not one of them used to be ignored silently, and the program ran with the default. Now:
///
/// | what is found | what comes of it |
/// | --- | --- |
/// | a variable a few letters from a setting, or with some of its words | an error: it cannot be meant as it is |
/// | the same, in six letters or fewer, beside that setting | a remark: a script's own `REPRISE_NODES` |
/// | any other `REPRISE_…` | a remark: a later release's setting, or someone else's variable |
/// | any other key under `reprise` in the file | an error: the file is only for this |
/// | no `reprise` in the file, but `amqp`, `partitions` or a misspelled `reprise` | an error: no one else uses these |
/// | no `reprise` in the file, but a setting's name beside it | a remark: many an application has a `log` of its own |
package enum KnownSettings {
    /// Without the prefix `reprise.`.
    static let keys = [
        "activity.concurrency", "amqp.url", "brokers", "custom.status.limit", "data", "gateway", "heartbeat",
        "http.readOnly",
        "hub",
        "inboxes", "log", "log.level", "node", "partitions", "replay.inputs", "retention", "roles", "standby",
        "turn.timeout", "version", "version.match", "version.mismatch",
    ]
    private static let variables = keys.map(variable)
    /// Which file to read; only the environment can say that.
    private static let file = "CONFIG"
    /// Of the scripts and tests in the repository.
    private static let tools: Set = ["CONFIGURATION", "SEED", "SEEDS", "SPEED"]
    private static let prefix = "REPRISE_"

    /// - Returns: the remark about variables that are not settings; nil when there are none.
    /// - Throws: ``SettingsError`` for those that were meant to be settings.
    package static func check(environment: [String: String]) throws(SettingsError) -> String? {
        var misspelt: [String] = []
        var others: [String] = []
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard let word = unknown(name, value) else { continue }
            switch guess(word, among: variables + [file]) {
            // A short name next to the setting itself is the user's own: a script's REPRISE_NODES.
            case let guess? where guess.isCertain && (word.count > 6 || environment[prefix + guess.name] == nil):
                misspelt.append("\(name) (did you mean \(prefix + guess.name)?)")
            case let guess?: others.append("\(name) (there is \(prefix + guess.name))")
            case nil: others.append(name)
            }
        }
        if !misspelt.isEmpty {
            throw SettingsError("no such setting: \(misspelt.joined(separator: ", ")); correct or remove it")
        }
        return others.isEmpty
            ? nil
            : "not read, since reprise \(Release.version) has no such setting: \(others.joined(separator: ", "))"
    }

    /// - Parameter names: the settings of a file, joined by dots, without their `reprise.`; `top` is all top-level
    ///   names.
    /// - Returns: the remark about top-level names; nil when there is nothing to say.
    /// - Throws: ``SettingsError`` for the first that is not a setting.
    static func check(top: [String], keys names: [String], path: String) throws(SettingsError) -> String? {
        var unread: [String] = []
        // What an application keeps beside our settings is its own business.
        for name in top where !top.contains(where: { $0 == "reprise" || $0.hasPrefix("reprise.") }) {
            let isSetting = keys.contains { $0 == name || $0.hasPrefix(name + ".") }
            let isOurs = ["amqp", "partitions"].contains(name.prefix { $0 != "." })
            guard isSetting || Spelling.distance(name.lowercased(), "reprise") <= 2 else { continue }
            guard !isSetting || isOurs else {
                unread.append(#""\#(name)""#)
                continue
            }
            let meant =
                isSetting ? #"settings go under "reprise": {"reprise": {"\#(name)": …}}"# : #"did you mean "reprise"?"#
            throw SettingsError("the configuration file '\(path)': \"\(name)\" is not a setting; \(meant)")
        }
        for name in names where !keys.contains(name) {
            let meant = guess(variable(name), among: variables).flatMap { near in
                keys.first { variable($0) == near.name }
            }
            let advice =
                meant.map { "did you mean 'reprise.\($0)'?" } ?? "there are: \(keys.joined(separator: ", "))"
            throw SettingsError("the configuration file '\(path)': there is no setting 'reprise.\(name)'; \(advice)")
        }
        return unread.isEmpty
            ? nil
            : "the configuration file '\(path)' has no \"reprise\", under which settings go; not read, as an "
                + "application's own: \(unread.joined(separator: ", "))"
    }

    /// The name without `REPRISE_`, when it is unknown.
    private static func unknown(_ name: String, _ value: String) -> String? {
        let upper = name.uppercased()
        guard upper.hasPrefix(prefix) else {
            // REPRIS_HUB
            guard let end = name.firstIndex(of: "_"), Spelling.distance(String(name[...end]), prefix) <= 2 else {
                return nil
            }
            let word = String(name[name.index(after: end)...])
            return variables.contains(word) ? word : nil
        }
        let word = String(upper.dropFirst(prefix.count))
        let isKnown = word == file || tools.contains(word) || word.hasPrefix("TEST_") || variables.contains(word)
        return isKnown && upper == name || isOfAService(word, value) ? nil : word
    }

    /// Kubernetes and Docker describe a service called `reprise…` in variables of their own.
    private static func isOfAService(_ word: String, _ value: String) -> Bool {
        word.hasSuffix("SERVICE_HOST") || word.contains("SERVICE_PORT") || word.contains(/PORT_[0-9]+_(TCP|UDP)/)
            || word.hasSuffix("PORT") && (value.hasPrefix("tcp://") || value.hasPrefix("udp://"))
    }

    private struct Guess {
        let name: String
        /// True when it can hardly be meant as anything else.
        let isCertain: Bool
    }

    /// What is meant by `word`.
    private static func guess(_ word: String, among known: [String]) -> Guess? {
        let near = known.map { (name: $0, distance: Spelling.distance(word, $0)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        if let near, near.distance <= min(3, max(1, word.count / 4)) { return Guess(name: near.name, isCertain: true) }
        let words = Set(word.split(separator: "_"))
        if let whole = known.first(where: { words.isStrictSubset(of: $0.split(separator: "_")) }) {
            return Guess(name: whole, isCertain: true)
        }
        // The user's own variable: REPRISE_NODE_IMAGE.
        let part = known.filter { words.isStrictSuperset(of: $0.split(separator: "_")) }.max { $0.count < $1.count }
        return part.map { Guess(name: $0, isCertain: false) }
    }

    /// `http.readOnly` is `HTTP_READ_ONLY`.
    private static func variable(_ key: String) -> String {
        var name = ""
        for character in key {
            if character.isUppercase, name.last?.isLowercase == true { name += "_" }
            name.append(character == "." ? "_" : character)
        }
        return name.uppercased()
    }
}
