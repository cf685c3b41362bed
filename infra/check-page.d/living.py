"""What changes, changes before one's eyes."""
import re

from playwright.sync_api import expect

from pages import section


def check_a_status_changes(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    status = page.locator("#custom-status")
    expect(status).to_contain_text("recommendedCities")
    expect(page.locator(".state")).to_have_text("live")
    page.evaluate("window.isTheSameDocument = true")
    visitor.raises(instance, "CitySelected", "Seattle")
    expect(status).to_contain_text("selectedCity", timeout=3000)
    expect(page.locator("h1 + .row .pill")).to_have_text("Completed", timeout=3000)
    expect(page.locator("#announcement")).to_contain_text("Completed")
    expect(section(page, "Output")).to_contain_text("Seattle")
    expect(page.locator(".timeline li").first).to_contain_text("completed")
    expect(page.locator("#history .kind.event")).to_have_count(1)
    assert page.evaluate("window.isTheSameDocument"), "the page was loaded again"


def check_progress(visitor):
    instance = visitor.starts("PackParcels", 3)
    page = visitor.opens_instance(instance)
    bar = page.get_by_role("progressbar", name="Progress").first
    expect(bar).to_have_attribute("max", "3")
    expect(page.locator("#activity-progress")).to_contain_text("PackParcel")
    # The last report of one that ended may still be there when the next one's first is.
    expect(page.locator("#activity-progress progress").last).to_have_attribute("max", "8")
    expect(page.locator("#history .mark.open")).to_have_count(1)
    expect(bar).to_have_attribute("value", "2")
    visitor.picture("progress")
    expect(page.locator("#custom-status")).to_contain_text("3 of 3")
    expect(page.locator("#history .kind.timer")).to_have_count(1)
    expect(page.locator("#activity-progress li")).to_have_count(0)


def check_without_event_streams(visitor):
    """A proxy that lets no stream through: the page asks, and is answered when there is news."""
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens("#/")
    page.route(
        re.compile("instances/"),
        lambda route: route.abort() if route.request.resource_type == "eventsource" else route.continue_(),
    )
    page.goto(f"{visitor.address}/#/instances/{instance}")
    expect(page.locator("#custom-status")).to_contain_text("recommendedCities")
    visitor.raises(instance, "CitySelected", "Tokyo")
    expect(page.locator("#custom-status")).to_contain_text("selectedCity", timeout=3000)


def check_the_list_changes(visitor):
    instance = visitor.starts("CityRecommender", 2)
    page = visitor.opens(f"#/instances?instanceIdPrefix={instance}")
    row = page.get_by_role("table", name="Instances").locator("tbody tr")
    expect(row).to_contain_text("Running")
    visitor.raises(instance, "CitySelected", "London")
    expect(row).to_contain_text("Completed", timeout=5000)


def check_a_purged_instance(visitor):
    instance = visitor.starts("CityRecommender", 2)
    page = visitor.opens_instance(instance)
    expect(page.locator(".state")).to_have_text("live")
    visitor.sends("POST", f"/runtime/webhooks/durabletask/instances/{instance}/terminate?reason=enough")
    expect(page.locator("h1 + .row .pill")).to_have_text("Terminated")
    expect(section(page, "Reason")).to_contain_text("enough")
    visitor.sends("DELETE", f"/runtime/webhooks/durabletask/instances/{instance}")
    expect(page.locator(".state")).to_contain_text("It is gone")
