import RepriseKernel

extension JSONObject {
    /// With two places: finer than anything measured here.
    package mutating func add(_ name: String, _ value: Double) {
        add(name, raw: Array((value.isFinite ? Amount.fixed(value, 2) : "null").utf8))
    }
}
