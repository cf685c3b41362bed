/// The page at `/`: the newest instances, refreshed while somebody looks. One file, no data in the markup: the script
/// asks for the data and sets it as text.
enum InstancePageHTML {
    static func text(nonce: String) -> String {
        template.replacing("NONCE", with: nonce)
    }

    private static let template = #"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Reprise</title>
        <style nonce="NONCE">
        :root { color-scheme: light dark; --line: #8884; --soft: #8882; --dim: #888; font: 15px/1.5 system-ui, sans-serif }
        body { margin: 0 auto; max-width: 72rem; padding: 1.5rem }
        header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline }
        h1 { font-size: 1.4rem; margin: 0 } h1 small { font-weight: 400; color: var(--dim) }
        #counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 }
        .pill { border-radius: 1rem; padding: .05rem .7rem; background: var(--soft); white-space: nowrap }
        .Running, .Pending { color: #0a6ebd } .Completed { color: #1a7f37 } .Failed { color: #cf222e }
        .Suspended { color: #9a6700 } .Terminated, .Canceled { color: var(--dim) }
        @media (prefers-color-scheme: dark) {
          .Running, .Pending { color: #6cb6ff } .Completed { color: #6bc46d } .Failed { color: #ff7b72 } .Suspended { color: #e3b341 }
        }
        .scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
        th { text-align: left; color: var(--dim); font-weight: 500 }
        th, td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
        td.status { font-family: ui-monospace, monospace; font-size: .85rem; max-width: 28rem; overflow-wrap: anywhere }
        td.id { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere } time { white-space: nowrap }
        a { color: inherit } #note, #cluster { color: var(--dim) }
        </style>
        <header><h1>Reprise <small id="hub"></small></h1><span id="note" role="status">Loading …</span></header>
        <div id="counts"></div>
        <p id="cluster"></p>
        <div class="scroll"><table hidden>
        <thead><tr><th>Instance<th>Orchestrator<th>Runtime status<th>Custom status<th>Created<th>Updated</tr></thead>
        <tbody></tbody>
        </table></div>
        <script nonce="NONCE">
        const find = selector => document.querySelector(selector);
        const make = (tag, text, kind) => {
          const element = document.createElement(tag);
          element.textContent = text;
          if (kind) element.className = kind;
          return element;
        };
        const clock = text => {
          const element = make("time", new Date(text).toLocaleString());
          element.dateTime = text;
          return element;
        };
        const cell = (content, kind) => {
          const element = make("td", "", kind);
          element.append(content);
          return element;
        };
        const brief = value => {
          const text = value === null ? "" : JSON.stringify(value);
          return text.length > 200 ? text.slice(0, 200) + " …" : text;
        };
        function show(data) {
          find("#hub").textContent = data.hub;
          find("#counts").replaceChildren(
            ...Object.entries(data.counts).map(([name, count]) => make("span", `${name} ${count}`, `pill ${name}`)));
          find("tbody").replaceChildren(...data.instances.map(instance => {
            const link = make("a", instance.instanceId);
            link.href = "/runtime/webhooks/durabletask/instances/" + encodeURIComponent(instance.instanceId);
            const row = document.createElement("tr");
            row.append(cell(link, "id"), cell(instance.name),
              cell(make("span", instance.runtimeStatus, `pill ${instance.runtimeStatus}`)),
              cell(brief(instance.customStatus), "status"), cell(clock(instance.createdTime)), cell(clock(instance.lastUpdatedTime)));
            return row;
          }));
          find("table").hidden = data.instances.length === 0;
          find("#note").textContent = data.instances.length ? "The newest instances" : "No instance yet";
        }
        function showCluster(data) {
          const owned = data.partitions.map(partition => `${partition.partition}: ${partition.owner ?? "nobody"}`).join(", ");
          const troubled = data.partitions.some(partition => !partition.owner || partition.troubles.length)
            || data.nodes.some(node => node.missing);
          find("#cluster").textContent = `Partitions ${owned}` + (troubled ? " — reprise doctor says more" : "");
        }
        async function refreshCluster() {
          try {
            if (!document.hidden) {
              const response = await fetch("/cluster");
              if (!response.ok) throw new Error(response.status);
              showCluster(await response.json());
            }
          } catch (error) {
            find("#cluster").textContent = "";
          }
          setTimeout(refreshCluster, 5000);
        }
        async function refresh() {
          try {
            if (!document.hidden) {
              const response = await fetch("/overview");
              if (!response.ok) throw new Error(response.status);
              show(await response.json());
            }
          } catch (error) {
            find("#note").textContent = "The gateway does not answer; trying again …";
          }
          setTimeout(refresh, 1500);
        }
        refresh();
        refreshCluster();
        </script>
        </html>
        """#
}
