"""Each page shows what it should, on a desk, on a phone, in the dark, by keyboard, and to those who may only look."""
import re

from playwright.sync_api import expect

from visitor import quote


def check_overview(visitor):
    done = visitor.starts("E1_HelloSequence")
    visitor.until(done, "Completed")
    waiting = visitor.starts("CityRecommender", 1)
    page = visitor.opens()
    expect(page).to_have_title("Reprise")
    expect(page.locator("#hub")).to_have_text("check-page")
    expect(page.locator(".tile").filter(has_text="Completed").locator(".number")).not_to_have_text("0")
    expect(page.locator(".rate")).to_contain_text("started a second")
    newest = page.get_by_role("table", name="The newest instances")
    expect(newest.get_by_role("link", name=waiting, exact=True)).to_be_visible()
    owners = page.get_by_role("table", name="Partitions and their owners")
    expect(owners.get_by_role("row")).to_have_count(5)
    expect(owners).not_to_contain_text("nobody")
    queues = page.get_by_role("table", name="What waits in each activity's queue")
    expect(queues.get_by_role("row").filter(has_text="E1_SayHello")).to_contain_text("1")
    visitor.picture("overview")
    page.locator(".tile").get_by_role("link", name="Running").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Instances")
    expect(page.get_by_role("table", name="Instances").get_by_role("link", name=waiting, exact=True)).to_be_visible()


def check_list(visitor):
    prefix = visitor.fresh("page")
    for number in range(3):
        visitor.until(visitor.starts("E1_HelloSequence", instance=f"{prefix}-{number}"), "Completed")
    visitor.starts("CityRecommender", 2, instance=f"{prefix}-waits")
    page = visitor.opens("#/instances")
    page.get_by_label("Id begins with").fill(prefix)
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("table", name="Instances").locator("tbody tr")
    expect(rows).to_have_count(4)
    page.get_by_label("Status").select_option("Completed")
    expect(rows).to_have_count(3)
    visitor.picture("list")
    page.get_by_label("Status").select_option("Failed")
    expect(page.get_by_text("No instance matches.")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(3)
    page.get_by_role("link", name=f"{prefix}-1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{prefix}-1")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def check_filter(visitor):
    parcel = visitor.fresh("parcel")
    for number, stage in enumerate(("packed", "packed", "shipped")):
        instance = visitor.starts("TrackParcel", parcel, instance=f"{parcel}-{number}")
        visitor.raises(instance, "Stage", stage)
    page = visitor.opens("#/instances")
    page.get_by_label("Filter").fill(f'customStatus.stage == "packed" and instanceId startsWith "{parcel}"')
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("table", name="Instances").locator("tbody tr")).to_have_count(2)
    expect(page.locator(".summary")).to_have_text("2 instances")
    page.get_by_label("Filter").fill("customStatus.stage ==")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("filter")


def check_pages_of_the_list(visitor):
    prefix = visitor.fresh("many")
    for number in range(51):
        visitor.starts("E1_HelloSequence", instance=f"{prefix}-{number:02}")
    page = visitor.opens(f"#/instances?orderBy=instanceId&instanceIdPrefix={prefix}")
    rows = page.get_by_role("table", name="Instances").locator("tbody tr")
    expect(rows).to_have_count(50)
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(f"{prefix}-50")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_role("button", name="Previous").click()
    expect(rows).to_have_count(50)


def check_instance(visitor):
    instance = visitor.starts("E1_HelloSequence", {"who": "all"}, **{"tag": "team:east"})
    visitor.until(instance, "Completed")
    page = visitor.opens_instance(instance)
    expect(page.locator("h1 + .row .pill")).to_have_text("Completed")
    expect(page.locator("#custom-status")).to_have_text("London")
    expect(section(page, "Input")).to_contain_text("all")
    expect(section(page, "Output")).to_contain_text("Hello Tokyo!")
    expect(page.locator(".facts-line")).to_contain_text("team: east")
    expect(page.locator(".facts-line time").first).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+$"))
    expect(page.get_by_role("navigation", name="Where you are")).to_have_text(f"Instances / {instance}")
    rows = page.locator("#history tbody tr")
    expect(rows).to_have_count(3)
    rows.first.locator("summary").click()
    expect(rows.first).to_contain_text("Tokyo")
    visitor.picture("instance")


def check_failure_and_child(visitor):
    instance = visitor.starts("PlaceOrder", "tea")
    visitor.until(instance, "Failed")
    page = visitor.opens_instance(instance)
    failure = section(page, "Failure")
    expect(failure).to_contain_text("the bank is closed")
    expect(failure).to_contain_text("caused by")
    expect(page.locator("#history .kind.child")).to_have_count(1)
    expect(page.locator("#history .mark.failed")).to_have_count(1)
    expect(section(page, "Children").get_by_role("link")).to_contain_text(instance)
    visitor.picture("failure")


def check_unknown(visitor):
    page = visitor.opens_instance("never-there")
    expect(page.locator(".state")).to_have_text("There is no instance 'never-there'")
    expect(page.get_by_role("button", name="Purge")).to_be_hidden()


def check_read_only(visitor):
    instance = visitor.starts("CityRecommender", 3)
    page = visitor.opens_instance(instance, address=visitor.looking)
    expect(page.locator("#read-only")).to_be_visible()
    expect(page.locator("#custom-status")).to_contain_text("Tokyo")
    for name in ("Raise event", "Suspend", "Resume", "Rewind", "Restart", "Cancel", "Terminate", "Purge"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    answer = page.evaluate(
        "async path => { const answer = await fetch(path, { method: 'POST' }); return [answer.status, (await answer.json()).Message] }",
        f"/runtime/webhooks/durabletask/instances/{quote(instance)}/terminate",
    )
    assert answer == [403, "This gateway is read-only: it shows instances, and accepts no commands"], answer
    assert visitor.asks(instance)["runtimeStatus"] == "Running"


def check_phone(visitor):
    instance = visitor.starts("PlaceOrder", "x" * 300, instance=visitor.fresh("a-rather-long-id-" * 6))
    visitor.until(instance, "Failed")
    for name, hash in (("overview", "#/"), ("list", "#/instances"), ("instance", f"#/instances/{quote(instance)}")):
        page = visitor.opens(hash, viewport={"width": 360, "height": 740}, has_touch=True, device_scale_factor=2)
        expect(page.locator("table:visible").first).to_be_visible()
        page.wait_for_timeout(300)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"the {name} is {width} wide"
        visitor.picture(f"phone-{name}")
    page.get_by_role("button", name="Rewind").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.picture("phone-dialog")


def check_dark(visitor):
    instance = visitor.starts("PlaceOrder", "coffee")
    visitor.until(instance, "Failed")
    for name, hash in (("overview", "#/"), ("instance", f"#/instances/{quote(instance)}")):
        page = visitor.opens(hash, color_scheme="dark")
        expect(page.locator("table:visible").first).to_be_visible()
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(17, 18, 24)", ground
        visitor.picture(f"dark-{name}")


def check_keyboard(visitor):
    """Without a mouse: to the content, to a button, through its dialog and out of it."""
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    expect(page.get_by_role("button", name="Suspend")).to_be_enabled()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.locator("h1")).to_have_text(instance)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Suspend":
            break
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Suspend")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Suspend")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Reason (optional)").fill("tea time")
    page.keyboard.press("Enter")
    expect(page.locator("h1 + .row .pill")).to_have_text("Suspended")


def section(page, title):
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))
