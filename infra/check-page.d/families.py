"""Orchestrations and those that they call: folded in lists, a tree on the page of the one that calls."""
from playwright.sync_api import expect

from night import rows_of
from pages import section


def shipped(visitor):
    instance = visitor.fresh("ship")
    visitor.until(visitor.starts("ShipOrder", ["a", "b", "c"], instance=instance), "Completed")
    return instance


def check_children_are_folded(visitor):
    instance = shipped(visitor)
    page = visitor.opens(f"#/instances?instanceIdPrefix={instance}")
    rows = rows_of(page)
    expect(page.get_by_label("Top level only")).to_be_checked()
    expect(rows).to_have_count(1)
    fold = page.get_by_role("button", name=f"3 children of {instance}")
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.click()
    expect(rows).to_have_count(4)
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(rows.nth(1)).to_contain_text("ShipParcel")
    visitor.picture("unfolded")
    # What was unfolded stays so when the list is read again.
    visitor.starts("E1_HelloSequence", instance=f"{instance}-later")
    expect(rows).to_have_count(5)
    fold.click()
    expect(rows).to_have_count(2)


def check_children_in_a_flat_list(visitor):
    instance = shipped(visitor)
    page = visitor.opens(f"#/instances?instanceIdPrefix={instance}")
    expect(page.locator(".summary")).to_have_text("1 instance · and 3 children")
    page.get_by_role("link", name="and 3 children").click()
    expect(page.get_by_label("Top level only")).not_to_be_checked()
    expect(rows_of(page)).to_have_count(4)
    expect(page.locator("button.fold")).to_have_count(0)
    page.get_by_label("Filter").fill("name ==")
    page.get_by_role("button", name="Show").click()
    flat = page.get_by_role("alert").inner_text()
    page.get_by_label("Top level only").check()
    expect(page.get_by_role("alert")).to_have_text(flat)


def check_the_tree(visitor):
    instance = shipped(visitor)
    page = visitor.opens_instance(instance)
    family = section(page, "Children").locator("tbody tr")
    expect(family).to_have_count(3)
    expect(family.locator(".mark.done")).to_have_count(3)
    expect(section(page, "History").locator("tbody tr").first).to_contain_text(f"ShipParcel {instance}-parcel-")
    section(page, "Children").get_by_role("link").first.click()
    expect(page.get_by_role("navigation", name="Where you are")).to_have_text(f"Instances / {instance} / {instance}-parcel-1")
