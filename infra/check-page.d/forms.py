"""Values are entered in forms that are made of their schemas: inputs, events, operations of entities."""
from playwright.sync_api import expect

from night import rows_of
from pages import section
from visitor import BASE


def check_start(visitor):
    instance = visitor.fresh("started")
    page = visitor.opens("#/instances")
    page.get_by_role("link", name="Start one").click()
    page.get_by_label("Orchestrator").fill("FulfilOrder")
    form = page.locator("fieldset.value")
    form.get_by_label("item").fill("cup")
    form.get_by_label("card").fill("visa")
    form.get_by_label("count").fill("two")
    page.get_by_label("Instance id").fill(instance)
    visitor.picture("start")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("count: that is not a whole number.")
    form.get_by_label("count").fill("2")
    page.get_by_text("Version, tags").click()
    page.get_by_label("Tags").fill("team:east, region:eu")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("h1")).to_have_text(instance)
    status = visitor.asks(instance)
    assert status["input"] == {"item": "cup", "count": 2, "card": "visa"}, status
    assert status["tags"] == {"team": "east", "region": "eu"}, status


def check_a_taken_id(visitor):
    """A start never replaces what is there."""
    instance = visitor.starts("E1_HelloSequence")
    visitor.until(instance, "Completed")
    page = visitor.opens(f"#/start?name=E1_HelloSequence&id={instance}")
    expect(page.get_by_label("Input (JSON)")).to_have_value("null")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("exists")
    page.get_by_label("Instance id").fill("")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("h1 + .row .pill")).to_have_text("Completed")


def check_nothing_starts_on_a_read_only_gateway(visitor):
    page = visitor.opens("#/instances", address=visitor.looking)
    expect(page.locator("#read-only")).to_be_visible()
    expect(page.get_by_role("link", name="Start one")).to_have_count(0)
    page.goto(f"{visitor.looking}/#/start")
    expect(page.get_by_text("it starts nothing")).to_be_visible()


def check_event(visitor):
    instance = visitor.starts("ApprovePurchase", "desk")
    page = visitor.opens_instance(instance)
    page.locator("#waiting-for").get_by_role("button", name="Approval").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("by").fill('Ann "A"')
    dialog.get_by_label("isGranted").check()
    visitor.picture("event-form")
    # Another name has no schema; the form is back with the declared one.
    dialog.get_by_label("Name").fill("Other")
    expect(dialog.get_by_label("Data (JSON)")).to_be_visible()
    dialog.get_by_label("Name").fill("approval")
    dialog.get_by_label("by").fill('Ann "A"')
    dialog.get_by_label("isGranted").check()
    dialog.get_by_role("button", name="Raise event").click()
    expect(dialog).to_have_count(0)
    expect(section(page, "Output")).to_contain_text('approved by Ann "A"')


def check_entities(visitor):
    key = visitor.fresh("e")
    visitor.sends("POST", f"{BASE}/entities/Counter/{key}?op=add", 3)
    page = visitor.opens("#/entities?name=counter")
    row = rows_of(page, "Entities").filter(has_text=f"@counter@{key}")
    expect(row).to_contain_text("3")
    row.get_by_role("button", name="Signal").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Operation").fill("add")
    dialog.get_by_label("Input (JSON)").fill("4")
    dialog.get_by_role("button", name="Signal").click()
    expect(row.locator("td").first).to_have_text("7")
    visitor.picture("entities")


def check_schedules(visitor):
    given = {"cron": "0 2 * * *", "timeZone": "Europe/Berlin", "overlap": "skip", "name": "E1_HelloSequence"}
    schedule = visitor.starts("Reprise.Schedule", given, instance=visitor.fresh("nightly"))
    page = visitor.opens("#/schedules")
    row = rows_of(page, "Schedules").filter(has_text=schedule)
    expect(row).to_contain_text("0 2 * * * Europe/Berlin")
    expect(row).to_contain_text("skip")
    expect(row.get_by_role("cell").last.locator("xpath=preceding-sibling::td[1]").locator("time")).to_have_count(3)
    row.get_by_role("button", name=f"Trigger {schedule}").click()
    expect(row.locator(f"a[title^='{schedule}@']")).to_have_count(1)
    expect(row).to_contain_text("trigger")
    visitor.picture("schedules")
    row.get_by_role("button", name=f"Pause {schedule}").click()
    expect(row.locator(".pill")).to_have_text("Paused")
    row.get_by_role("button", name=f"Unpause {schedule}").click()
    expect(row.locator(".pill")).to_have_text("Running")
