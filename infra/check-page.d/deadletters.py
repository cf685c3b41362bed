"""Messages that could not be processed: why, what they were, and sent again or dropped."""
import json
import os

import pika
from playwright.sync_api import expect


def put_aside(visitor, name, count=1, body=None):
    """Starts of what there is not become dead letters; their reasons name it."""
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["REPRISE_AMQP_URL"]))
    channel = connection.channel()
    for number in range(count):
        properties = pika.BasicProperties(
            content_type="application/json", correlation_id=f"{name}-{number}", message_id=f"{name}-{number}", delivery_mode=2)
        channel.basic_publish(f"reprise.{os.environ['REPRISE_HUB']}", f"start.{name}", json.dumps(body).encode(), properties)
    connection.close()
    visitor.waits_for(lambda: len(letters(visitor, name)) == count, f"{count} dead letters of {name}")


def letters(visitor, name):
    return [each for each in visitor.sends("GET", "/dead-letters?top=200")["letters"] if each["routingKey"] == f"start.{name}"]


def clear(visitor):
    for each in visitor.sends("GET", "/dead-letters?top=200")["letters"]:
        visitor.sends("DELETE", f"/dead-letters/{each['id']}")


def rows(page):
    return page.get_by_role("table", name="Dead letters").locator("tbody tr")


def check_none(visitor):
    clear(visitor)
    page = visitor.opens("#/dead")
    expect(page.get_by_text("There is no dead letter.")).to_be_visible()
    expect(page.locator("#dead-count")).to_be_hidden()
    visitor.picture("dead-none")


def check_look(visitor):
    clear(visitor)
    name = visitor.fresh("Nope")
    put_aside(visitor, name, body={"customer": "<b>Ann</b>", "items": ["tea", "cup"]})
    page = visitor.opens()
    expect(page.locator("#dead-count")).to_have_text("1")
    page.get_by_role("link", name="Dead letters").click()
    expect(rows(page)).to_contain_text(f"there is no orchestrator '{name}'")
    expect(rows(page).get_by_role("link")).to_have_text(f"{name}-0")
    page.get_by_role("button", name="Look at").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("UnknownOrchestrator")
    expect(dialog.locator(".tree").first).to_contain_text("<b>Ann</b>")
    visitor.picture("dead-look")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert len(letters(visitor, name)) == 1, "who looks takes nothing"


def check_retry(visitor):
    clear(visitor)
    name = visitor.fresh("Nope")
    put_aside(visitor, name)
    former = letters(visitor, name)[0]["id"]
    page = visitor.opens("#/dead")
    page.get_by_role("button", name=f"Retry {former}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"start.{name}")
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name=f"Retry {former}").click()
    dialog.get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator("#notice")).to_have_text("Sent again.")
    # Nothing was mended: it comes back as another letter.
    visitor.waits_for(lambda: [each["id"] for each in letters(visitor, name)] not in ([], [former]), "another letter")
    expect(page.get_by_role("button", name=f"Retry {former}")).to_have_count(0)


def check_drop(visitor):
    clear(visitor)
    name = visitor.fresh("Nope")
    put_aside(visitor, name, 2)
    page = visitor.opens("#/dead")
    expect(rows(page)).to_have_count(2)
    rows(page).first.get_by_role("button", name="Drop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("for good")
    # Someone else was faster: the dialog stays, and says so.
    gone = letters(visitor, name)[0]["id"]
    visitor.sends("DELETE", f"/dead-letters/{gone}")
    dialog.get_by_role("button", name="Drop for good").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is no dead letter")
    page.keyboard.press("Escape")
    expect(rows(page)).to_have_count(1)
    rows(page).get_by_role("button", name="Drop").click()
    dialog.get_by_role("button", name="Drop for good").click()
    expect(page.get_by_text("There is no dead letter.")).to_be_visible()
    assert letters(visitor, name) == []


def check_many(visitor):
    clear(visitor)
    name = visitor.fresh("Nope")
    put_aside(visitor, name, 53, body="x" * 2000)
    page = visitor.opens("#/dead")
    expect(rows(page)).to_have_count(50)
    expect(page.locator(".summary")).to_have_text("1 to 50 of 53 letters")
    page.get_by_role("button", name="Next").click()
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_role("button", name="Drop these 3").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop for good").click()
    expect(page.locator("#notice")).to_have_text("3 letters dropped.", timeout=60_000)
    expect(page.locator(".summary")).to_have_text("50 letters")
    visitor.picture("dead-many")
    page.get_by_role("button", name="Drop these 50").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop for good").click()
    expect(page.get_by_text("There is no dead letter.")).to_be_visible(timeout=60_000)


def check_who_may_only_look(visitor):
    clear(visitor)
    name = visitor.fresh("Nope")
    put_aside(visitor, name, 2)
    page = visitor.opens("#/dead", address=visitor.looking)
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Look at")).to_have_count(2)
    for word in ("Retry", "Drop"):
        expect(page.get_by_role("button", name=word)).to_have_count(0)
    for method, path in (("POST", "/retry"), ("DELETE", "")):
        answer = page.evaluate("async ([method, path]) => (await fetch(path, { method })).status", [method, f"/dead-letters/{letters(visitor, name)[0]['id']}{path}"])
        assert answer == 403, answer
    clear(visitor)


def check_errors(visitor):
    page = visitor.opens("#/instances")
    page.route("**/dead-letters?**", lambda route: route.fulfill(status=503, json={"Message": "The broker does not answer"}))
    page.goto(f"{visitor.address}/#/dead")
    expect(page.get_by_role("alert")).to_have_text("The broker does not answer")


def check_shapes(visitor):
    """On a phone and in the dark."""
    clear(visitor)
    name = visitor.fresh("ALongNameOfWhatIsNotThere")
    put_aside(visitor, name, 3, body={"text": "y" * 300})
    for shape, options in (("phone", {"viewport": {"width": 360, "height": 740}, "has_touch": True}), ("dark", {"color_scheme": "dark"})):
        page = visitor.opens("#/dead", **options)
        expect(rows(page)).to_have_count(3)
        visitor.picture(f"dead-{shape}")
        page.get_by_role("button", name="Look at").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= options.get("viewport", {"width": 1200})["width"]
        visitor.picture(f"dead-{shape}-look")
    clear(visitor)
