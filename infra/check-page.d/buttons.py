"""Each button does what it says, after it was asked whether it should."""
from playwright.sync_api import expect

from pages import section


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("dialog")


def badge(page):
    return page.locator("h1 + .row .pill")


def check_raise_event(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    expect(page.locator("#waiting-for")).to_contain_text("CitySelected")
    dialog = press(page, "Raise event")
    expect(dialog.get_by_label("Name")).to_have_value("CitySelected")
    dialog.get_by_role("button", name="Write it as JSON").click()
    dialog.get_by_label("Data (JSON)").fill("Tokyo")
    dialog.get_by_role("button", name="Raise event").click()
    expect(dialog.get_by_role("alert")).to_contain_text("That is not JSON")
    visitor.picture("raise-event")
    dialog.get_by_label("Data (JSON)").fill('"Tokyo"')
    dialog.get_by_role("button", name="Raise event").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#notice")).to_have_text("The event was raised.")
    expect(badge(page)).to_have_text("Completed")
    expect(page.get_by_role("button", name="Raise event")).to_be_hidden()
    assert visitor.asks(instance)["output"] == "Tokyo"


def check_raise_what_it_waits_for(visitor):
    instance = visitor.starts("TrackParcel", "P-1")
    page = visitor.opens_instance(instance)
    for stage in ("packed", "delivered"):
        page.locator("#waiting-for").get_by_role("button", name="Stage").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Data (JSON)").fill(f'"{stage}"')
        dialog.get_by_role("button", name="Raise event").click()
        expect(page.locator("#custom-status")).to_contain_text(stage)
    expect(badge(page)).to_have_text("Completed")
    expect(page.locator("#waiting-for")).to_be_hidden()


def check_suspend_and_resume(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    expect(page.get_by_role("button", name="Suspend")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_hidden()
    dialog = press(page, "Suspend")
    dialog.get_by_label("Reason (optional)").fill("lunch")
    dialog.get_by_role("button", name="Suspend").click()
    expect(badge(page)).to_have_text("Suspended")
    expect(page.get_by_role("button", name="Suspend")).to_be_hidden()
    expect(page.locator("#history")).to_contain_text("Suspended")
    press(page, "Resume").get_by_role("button", name="Resume").click()
    expect(badge(page)).to_have_text("Running")
    assert visitor.asks(instance)["runtimeStatus"] == "Running"


def check_terminate(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    dialog = press(page, "Terminate")
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_have_count(0)
    assert visitor.asks(instance)["runtimeStatus"] == "Running"
    dialog = press(page, "Terminate")
    dialog.get_by_label("Reason (optional)").fill("not needed")
    dialog.get_by_role("button", name="Terminate").click()
    expect(badge(page)).to_have_text("Terminated")
    expect(section(page, "Reason")).to_contain_text("not needed")


def check_cancel(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    dialog = press(page, "Cancel")
    dialog.get_by_label("Reason (optional)").fill("not needed")
    dialog.get_by_role("button", name="Cancel").click()
    expect(badge(page)).to_have_text("Canceled")
    expect(section(page, "Reason")).to_contain_text("not needed")
    expect(page.locator(".timeline")).to_contain_text("asked to cancel")


def check_rewind(visitor):
    instance = visitor.starts("PlaceOrder", "tea")
    visitor.until(instance, "Failed")
    page = visitor.opens_instance(instance)
    expect(page.get_by_role("button", name="Suspend")).to_be_hidden()
    press(page, "Rewind").get_by_role("button", name="Rewind").click()
    expect(badge(page)).to_have_text("Completed")
    expect(section(page, "Output")).to_contain_text("Paid.")
    expect(section(page, "Failure")).to_be_hidden()


def check_restart_as_another(visitor):
    instance = visitor.starts("E1_HelloSequence")
    visitor.until(instance, "Completed")
    page = visitor.opens_instance(instance)
    press(page, "Restart").get_by_role("button", name="Restart").click()
    expect(page.locator("h1")).not_to_have_text(instance)
    expect(badge(page)).to_have_text("Completed")
    assert visitor.asks(page.locator("h1").inner_text())["name"] == "E1_HelloSequence"


def check_restart_as_itself(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    expect(badge(page)).to_have_text("Running")
    dialog = press(page, "Restart")
    expect(dialog.get_by_label("this instance")).to_be_disabled()
    dialog.get_by_role("button", name="Back").click()
    visitor.raises(instance, "CitySelected", "Tokyo")
    expect(badge(page)).to_have_text("Completed")
    dialog = press(page, "Restart")
    dialog.get_by_label("this instance").check()
    dialog.get_by_role("button", name="Restart").click()
    expect(badge(page)).to_have_text("Running")
    expect(page.locator("h1")).to_have_text(instance)


def check_purge(visitor):
    instance = visitor.starts("E1_HelloSequence")
    visitor.until(instance, "Completed")
    page = visitor.opens_instance(instance)
    dialog = press(page, "Purge")
    expect(dialog).to_contain_text("for good")
    visitor.picture("purge")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert not visitor.is_gone(instance)
    press(page, "Purge").get_by_role("button", name="Purge for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Instances")
    assert visitor.is_gone(instance)


def check_a_refusal_is_said(visitor):
    """Someone else was faster: the dialog stays, and says what the gateway said."""
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    dialog = press(page, "Suspend")
    visitor.sends("POST", f"/runtime/webhooks/durabletask/instances/{instance}/suspend")
    dialog.get_by_role("button", name="Suspend").click()
    expect(dialog.get_by_role("alert")).to_contain_text("already suspended")
