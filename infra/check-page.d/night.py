"""What someone on call wants to see at once: what stands still, and why."""
from playwright.sync_api import expect

from pages import section
from visitor import BASE, quote


def rows_of(page, table="Instances"):
    return page.get_by_role("table", name=table, exact=True).locator("tbody tr")


def check_a_bar_hides_nothing(visitor):
    instance = visitor.starts("PackParcels", 2)
    visitor.until(instance, "Completed")
    page = visitor.opens(f"#/instances?instanceIdPrefix={instance}")
    expect(rows_of(page)).to_contain_text("2 of 2 · stage: handing over")
    page.get_by_role("link", name=instance).click()
    expect(page.locator(".timeline")).to_contain_text("1 of 2 · stage: packing")
    expect(page.locator(".timeline")).to_contain_text("2 of 2 · stage: handing over")
    expect(page.locator(".timeline progress")).to_have_count(4)


def check_why_it_failed(visitor):
    instance = visitor.starts("PlaceOrder", "tea")
    visitor.until(instance, "Failed")
    page = visitor.opens(f"#/instances?instanceIdPrefix={instance}")
    expect(rows_of(page).locator(".why")).to_have_text("the bank is closed (BankClosed in ChargeCard)")
    ended = visitor.starts("CityRecommender", 1)
    page = visitor.opens(f"#/instances?instanceIdPrefix={ended}")
    expect(rows_of(page)).to_contain_text("Running")
    visitor.sends("POST", f"{BASE}/instances/{ended}/terminate?reason=enough")
    expect(rows_of(page).locator(".why")).to_have_text("enough")


def check_what_it_waits_for(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens()
    expect(rows_of(page, "The newest instances").filter(has_text=instance)).to_contain_text("waits for CitySelected")
    tile = page.locator(".tile").filter(has_text="Waiting")
    expect(tile).to_contain_text("running, for an event")
    expect(tile.locator(".number")).not_to_have_text("0")
    tile.get_by_role("link").click()
    expect(page.get_by_label("Only those that wait")).to_be_checked()
    page.goto(f"{visitor.address}/#/instances?waiting=true&instanceIdPrefix={instance}")
    expect(rows_of(page).locator(".why")).to_have_text("waits for CitySelected")
    visitor.picture("waiting")
    visitor.raises(instance, "CitySelected", "Tokyo")
    expect(page.get_by_text("No instance matches.")).to_be_visible()
    expect(rows_of(page)).to_have_count(0)


def check_no_ghosts(visitor):
    """A killed node's name is red only as long as something misses it."""
    def node(name, missing=False, age=1000):
        return {"name": name, "id": f"{name}{age}", "heartbeatMilliseconds": 5000, "ageMilliseconds": age, "leaving": False, "missing": missing}

    nodes = []
    owner = {"owner": "west"}

    def cluster(route):
        partition = {"partition": 0, **owner, "standbys": [], "backlog": 0, "unconfirmed": 0, "awaitingEvents": 0, "troubles": []}
        route.fulfill(json={"hub": "x", "nodes": nodes, "partitions": [partition]})

    nodes[:] = [node("east", True, 470000), node("east"), node("west"), node("north", True, 480000)]
    page = visitor.opens("#/instances")
    page.route("**/cluster", cluster)
    page.goto(f"{visitor.address}/#/")
    tags = page.locator(".nodes .tag")
    expect(tags).to_have_text(["east", "west", "north was here 8 min 00 s ago"])
    expect(page.locator(".nodes .trouble")).to_have_count(0)
    owner["owner"] = None
    expect(page.locator(".nodes .trouble")).to_have_text(["north is missing"])


def check_missing_workers(visitor):
    """Tasks that nobody will do are red on the first page, and on the instance that waits for them."""
    instance = visitor.starts("PackParcels", 40)
    page = visitor.opens("#/instances")

    def overview(route):
        answer = route.fetch()
        body = answer.json()
        body["activities"] = [{"name": "ChargeCard", "waiting": 1, "workers": 1}, {"name": "PackParcel", "waiting": 3, "workers": 0}]
        route.fulfill(json=body)

    page.route("**/overview", overview)
    page.goto(f"{visitor.address}/#/")
    expect(page.get_by_role("alert")).to_have_text("No worker serves PackParcel: 3 tasks wait.")
    queues = page.get_by_role("table", name="What waits in each activity's queue").locator("tbody tr")
    expect(queues.first).to_have_class("unserved")
    expect(queues.first).to_contain_text("PackParcel3none")
    visitor.picture("no-worker")
    page.goto(f"{visitor.address}/#/instances/{instance}")
    expect(page.get_by_role("alert")).to_have_text("No worker serves PackParcel: 3 tasks wait.")
    expect(page.locator("#history tbody tr").filter(has_text="no worker")).to_have_count(1)
    visitor.sends("POST", f"{BASE}/instances/{instance}/terminate")
    expect(page.get_by_role("alert")).to_have_count(0)


def check_true_lengths(visitor):
    """A history whose times are known: what was canceled, what never ended, which entity, since when it waited."""
    def at(seconds):
        return f"2026-01-01T00:00:{seconds:06.3f}Z"

    started = {"EventType": "ExecutionStarted", "Timestamp": at(0)}
    events = [
        started,
        {"EventType": "EntityOperationCompleted", "FunctionName": "take", "InstanceId": "@stock@cup", "ScheduledTime": at(0), "Timestamp": at(1)},
        {"EventType": "TimerCreated", "FireAt": at(50), "CanceledTime": at(3), "Timestamp": at(1)},
        {"EventType": "EventRaised", "Name": "Approval", "Timestamp": at(3)},
        {"EventType": "TimerCreated", "FireAt": "2026-01-01T00:01:10Z", "Timestamp": at(3)},
        {"EventType": "SubOrchestrationInstanceCreated", "Name": "Ship", "InstanceId": "parcel-1", "Timestamp": at(3)},
        {"EventType": "TaskScheduled", "Name": "Pack", "Timestamp": at(3)},
        {"EventType": "ExecutionTerminated", "Timestamp": at(10)},
        {"EventType": "ExecutionCompleted", "OrchestrationStatus": "Terminated", "Timestamp": at(10)},
    ]
    status = {"name": "Order", "instanceId": "known", "runtimeStatus": "Terminated", "input": None, "customStatus": None, "output": None,
              "createdTime": at(0), "lastUpdatedTime": at(10)}
    child = {"instanceId": "parcel-1", "name": "Ship", "runtimeStatus": "Terminated", "customStatus": {"stage": "carrier"}, "createdTime": at(3),
             "lastUpdatedTime": at(8), "children": [{"instanceId": "label-1", "name": "Label", "runtimeStatus": "Completed", "customStatus": None,
                                                     "createdTime": at(4), "lastUpdatedTime": at(5), "children": []}]}

    def answer(route):
        url = route.request.url
        if route.request.resource_type == "eventsource":
            return route.abort()
        if "/tree" in url:
            return route.fulfill(json={**status, "children": [child], "isTruncated": False})
        if "showHistory" in url:
            return route.fulfill(json={**status, "historyEvents": events})
        return route.fulfill(json=status, headers={"ETag": '"1.3"'})

    page = visitor.opens("#/instances")
    page.route("**/instances/known**", answer)
    page.goto(f"{visitor.address}/#/instances/known")

    def took(what):
        return section(page, "History").locator("tbody tr").filter(has_text=what).locator(".took")

    expect(took("take @stock@cup")).to_have_text("1.00 s")
    expect(took("2026-01-01 00:00:50")).to_have_text("2.00 s, canceled")
    expect(took("Approval")).to_have_text("2.00 s")
    expect(took("00:01:10")).to_have_text("7.00 s, never ended")
    expect(took("Ship parcel-1")).to_have_text("5.00 s, terminated")
    expect(took("Pack")).to_have_text("7.00 s, never ended")
    family = section(page, "Children").locator("tbody tr")
    expect(family).to_have_count(2)
    expect(family.first).to_contain_text("stage: carrier")
    expect(family.locator(".took")).to_have_text(["5.00 s", "1.00 s"])
    visitor.picture("lengths")
    status["runtimeStatus"] = "Running"
    events[:] = [started, events[4]]
    page.goto(f"{visitor.address}/#/instances")
    page.goto(f"{visitor.address}/#/instances/known")
    expect(took("00:01:10")).to_contain_text(" late")


def check_how_long_it_has_waited(visitor):
    instance = visitor.starts("ApprovePurchase", "laptop")
    page = visitor.opens_instance(instance)
    rows = page.locator("#history tbody tr")
    waits = rows.filter(has_text="Approval")
    expect(waits.locator(".took")).to_contain_text("so far")
    expect(rows.filter(has_text="until").locator(".took")).to_contain_text("2 d 23 h left")
    visitor.picture("waits")
    visitor.raises(instance, "Approval", {"by": "Ann", "isGranted": True})
    expect(rows.filter(has_text="until").locator(".took")).to_contain_text("canceled")
    expect(waits).to_have_count(1)
    expect(waits.locator(".took")).not_to_have_text("")
    expect(waits.locator(".took")).not_to_contain_text("so far")


def check_two_lines_on_a_phone(visitor):
    prefix = visitor.fresh("line")
    visitor.until(visitor.starts("PlaceOrder", "tea", instance=f"{prefix}-{'x' * 80}"), "Failed")
    visitor.until(visitor.starts("PackParcels", 1, instance=f"{prefix}-packs"), "Completed")
    page = visitor.opens(f"#/instances?instanceIdPrefix={prefix}", viewport={"width": 390, "height": 800}, has_touch=True)
    rows = rows_of(page)
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="packs")).to_contain_text("1 of 1 · stage: handing over")
    # In one look: the list is painted again when partitions have said what its instances wait for.
    heights = rows.evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)")
    assert len(heights) == 2 and max(heights) < 70, heights
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def check_many_at_once(visitor):
    """What failed in a night is rewound with one question, and what someone else was faster with is said."""
    prefix = visitor.fresh("night")
    for number in range(3):
        visitor.starts("PlaceOrder", "tea", instance=f"{prefix}-{number}")
    for number in range(3):
        visitor.until(f"{prefix}-{number}", "Failed")
    page = visitor.opens(f"#/instances?instanceIdPrefix={prefix}")
    expect(rows_of(page)).to_have_count(3)
    group = page.get_by_role("group", name="What can be done with those shown")
    expect(group.get_by_role("button")).to_have_count(0)
    page.get_by_label("Status").select_option("Failed")
    expect(group.get_by_role("button")).to_have_text(["Rewind these 3"])
    visitor.picture("bulk")
    group.get_by_role("button").click()
    visitor.sends("POST", f"{BASE}/instances/{prefix}-1/rewind")
    visitor.until(f"{prefix}-1", "Completed")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Rewind 3 instances")
    dialog.get_by_label("Reason (optional)").fill("the bank is open")
    dialog.get_by_role("button", name="Rewind").click()
    expect(page.locator("#notice")).to_have_text("2 instances rewound. 1 had changed meanwhile.")
    for number in range(3):
        visitor.until(f"{prefix}-{number}", "Completed")
    expect(page.get_by_text("No instance matches.")).to_be_visible()
    expect(group.get_by_role("button")).to_have_count(0)
    for number in range(2):
        visitor.starts("CityRecommender", 1, instance=f"{prefix}-waits-{number}")
    page.get_by_label("Status").select_option("Running")
    expect(group.get_by_role("button")).to_have_text(["Suspend these 2", "Cancel these 2", "Terminate these 2"])
    group.get_by_role("button", name="Terminate").click()
    dialog.get_by_role("button", name="Terminate").click()
    expect(page.locator("#notice")).to_have_text("2 instances terminated.")
    page = visitor.opens(f"#/instances?instanceIdPrefix={prefix}&runtimeStatus=Completed", address=visitor.looking)
    expect(rows_of(page)).to_have_count(3)
    expect(page.get_by_role("group", name="What can be done with those shown").get_by_role("button")).to_have_count(0)


def check_of_the_last_hour(visitor):
    instance = visitor.starts("E1_HelloSequence")
    page = visitor.opens(f"#/instances?instanceIdPrefix={instance}")
    page.get_by_label("Created in").select_option("the last hour")
    expect(rows_of(page)).to_have_count(1)
    with page.expect_request(lambda request: "/instances?" in request.url and "createdTimeFrom=" in request.url):
        page.reload()
    expect(page.get_by_label("Created in")).to_have_value("3600000")
    page.get_by_role("link", name=instance).click()
    address = page.get_by_role("link", name="as JSON").get_attribute("href")
    assert visitor.sends("GET", address)["historyEvents"], address


def check_a_list_does_not_wait_for_partitions(visitor):
    """Partitions that do not answer take two seconds of every list that asks what instances wait for."""
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens()

    def late(route):
        if "showWaitingFor" not in route.request.url:
            route.continue_()

    page.route(f"**/instances?**{instance}**", late)
    page.goto(f"{visitor.address}/#/instances?instanceIdPrefix={instance}")
    expect(rows_of(page)).to_contain_text("CityRecommender")


def check_links_keep_the_filter(visitor):
    instance = visitor.starts("E1_HelloSequence", **{"tag": "team:east"})
    visitor.until(instance, "Completed")
    page = visitor.opens("#/instances")
    page.get_by_label("Filter").fill(f'tags.team == "east" and instanceId == "{instance}"')
    page.get_by_role("button", name="Show").click()
    expect(rows_of(page)).to_have_count(1)
    address = page.evaluate("location.hash")
    assert "filter=" in address and "orderBy" not in address, "what is as usual is not in the address"
    again = visitor.opens(address)
    expect(rows_of(again)).to_have_count(1)
    again.get_by_role("link", name=instance).click()
    again.get_by_role("navigation", name="Where you are").get_by_role("link", name="Instances").click()
    expect(again.get_by_label("Filter")).to_have_value(f'tags.team == "east" and instanceId == "{instance}"')


def check_counts_by_a_path(visitor):
    parcel = visitor.fresh("counted")
    for number, stage in enumerate(("packed", "packed", "shipped")):
        visitor.raises(visitor.starts("TrackParcel", parcel, instance=f"{parcel}-{number}"), "Stage", stage)
    page = visitor.opens(f"#/instances?instanceIdPrefix={parcel}&by=customStatus.stage")
    bars = section(page, "By customStatus.stage").locator("li")
    expect(bars.first).to_contain_text("packed2")
    expect(bars).to_have_count(2)
    visitor.picture("counts")
    bars.first.get_by_role("button").click()
    expect(rows_of(page)).to_have_count(2)
    expect(page.get_by_label("Filter")).to_have_value('customStatus.stage == "packed"')
    page = visitor.opens("#/instances?by=customStatus.[")
    expect(section(page, "By customStatus.[")).to_contain_text("There is no such field or path")
    slow = "The search was ended after 5.0 seconds"
    page.route("**/counts?**groupBy=customStatus.note**", lambda route: route.fulfill(status=400, json={"Message": slow}))
    page.goto(f"{visitor.address}/#/instances?by=customStatus.note")
    expect(section(page, "By customStatus.note").locator("li")).to_have_text(slow)
    expect(page.locator(".summary")).to_contain_text("instance")
