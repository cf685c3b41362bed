import RepriseKernel

/// The files of the web page, as they are in `Page/Files`: the compiler embeds their bytes in the program.
struct PageFile: Sendable {
    let bytes: [UInt8]
    let contentType: String
    /// Identifies the bytes: a browser asks whether they are still the same.
    let tag: String

    static let document = PageFile(PackageResources.page_html, "text/html; charset=utf-8")
    static let icon = PageFile(PackageResources.icon_svg, "image/svg+xml")
    static let style = PageFile(PackageResources.page_css, "text/css; charset=utf-8")

    /// All files except the document, by the last part of their address.
    static let assets: [String: PageFile] = [
        "icon.svg": icon,
        "page.css": style,
        "actions.js": script(PackageResources.actions_js),
        "api.js": script(PackageResources.api_js),
        "breakdown.js": script(PackageResources.breakdown_js),
        "bulk.js": script(PackageResources.bulk_js),
        "cluster.js": script(PackageResources.cluster_js),
        "dead.js": script(PackageResources.dead_js),
        "dialog.js": script(PackageResources.dialog_js),
        "dom.js": script(PackageResources.dom_js),
        "entities.js": script(PackageResources.entities_js),
        "form.js": script(PackageResources.form_js),
        "format.js": script(PackageResources.format_js),
        "gantt.js": script(PackageResources.gantt_js),
        "history.js": script(PackageResources.history_js),
        "instance.js": script(PackageResources.instance_js),
        "list.js": script(PackageResources.list_js),
        "live.js": script(PackageResources.live_js),
        "main.js": script(PackageResources.main_js),
        "overview.js": script(PackageResources.overview_js),
        "poll.js": script(PackageResources.poll_js),
        "rows.js": script(PackageResources.rows_js),
        "schedules.js": script(PackageResources.schedules_js),
        "start.js": script(PackageResources.start_js),
        "status.js": script(PackageResources.status_js),
        "timeline.js": script(PackageResources.timeline_js),
        "value.js": script(PackageResources.value_js),
    ]

    private static func script(_ bytes: [UInt8]) -> PageFile { PageFile(bytes, "text/javascript; charset=utf-8") }

    private init(_ bytes: [UInt8], _ contentType: String) {
        self.bytes = bytes
        self.contentType = contentType
        var hash = FNV1a()
        hash.combine(bytes)
        tag = "\"\(String(hash.value, radix: 16))\""
    }
}
