/// JSON merge patch, RFC 7386: a patch looks like what it changes, and null removes a member.
///
/// ```
///  {"stage":"pack","left":{"a":1}}  +  {"stage":"ship","left":{"a":null,"b":2}}  =  {"left":{"b":2},"stage":"ship"}
/// ```
///
/// Anything but an object replaces the whole value, arrays included. Members come out in the order of their
/// names, so that the same patch of the same value is the same bytes; values that are not patched keep theirs.
package enum MergePatch {
    package static func apply(_ patch: Payload, to value: Payload) -> Payload {
        let merged = merge(JSONView(patch), into: JSONView(value))
        return merged ?? .null
    }

    /// Nil for null: at the top it is the value, in an object it means no member.
    private static func merge(_ patch: JSONView, into value: JSONView?) -> Payload? {
        guard let changes = patch.members else { return patch.isNull ? nil : patch.payload }
        let known = value?.members ?? NamedMembers()
        var members = known.mapValues(\.payload)
        for (name, change) in changes { members[name] = merge(change, into: known[name]) }
        var object = JSONObject()
        for (name, member) in members { object.add(name, member) }
        return Payload(trusted: object.bytes)
    }
}
