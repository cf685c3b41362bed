"""What the page shows comes from those who start instances. Nothing of it runs, and all of it is shown as it is."""
import json

from playwright.sync_api import expect

from pages import section
from visitor import quote

SPEAKS = "alert(1)"
IMAGE = f'"><img src=x onerror="{SPEAKS}">'
SCRIPT = f"<script>{SPEAKS}<" + "/script>"
SVG = f"'><svg onload={SPEAKS}>"
LINK = f"javascript:{SPEAKS}"
TEMPLATE = "{{7*7}}${7*7}`"


def expect_literally(place, *texts):
    for text in texts:
        expect(place).to_contain_text(text)


def expect_nothing_of_theirs(page):
    """No element of theirs, and no attribute that would run."""
    assert page.locator("main img, main script, main svg, main iframe").count() == 0
    assert page.evaluate("[...document.querySelectorAll('main *')].every(e => [...e.attributes].every(a => !/^on/.test(a.name)))")
    ours = "h.startsWith('#') || h.startsWith('/runtime/webhooks/durabletask/instances/')"
    assert page.evaluate(f"[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).every(h => {ours})")


def check_texts_of_a_running_instance(visitor):
    """Instance id, tags, an event that no one waits for, a reason."""
    instance = f"{visitor.fresh('a')}{IMAGE}'&lt;".replace("/", "").replace("?", "")
    visitor.starts(
        "CityRecommender", 1, instance=instance, tag=f"<b onclick={SPEAKS}>:{IMAGE}{SCRIPT}"
    )
    visitor.raises(instance, f"E{SVG}", {IMAGE: SCRIPT, LINK: TEMPLATE})
    visitor.sends("POST", f"/runtime/webhooks/durabletask/instances/{quote(instance)}/suspend?reason={quote(IMAGE)}")
    visitor.until(instance, "Suspended")
    page = visitor.opens_instance(instance)
    expect_literally(page.locator(".facts-line"), IMAGE, SCRIPT, "<b onclick")
    page.locator("#history tbody tr").filter(has_text="Suspended").locator("summary").click()
    expect_literally(page.locator("#history"), IMAGE, "Suspended")
    expect_nothing_of_theirs(page)
    for name in ("Purge", "Restart", "Cancel", "Terminate"):
        button = page.get_by_role("button", name=name, exact=True)
        if button.is_visible():
            button.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("Escape")
    visitor.picture("strangers")
    page.goto(f"{visitor.address}/#/instances?instanceIdPrefix={quote(instance)}")
    expect(page.get_by_role("link", name=instance, exact=True)).to_be_visible()
    expect_nothing_of_theirs(page)
    page.get_by_role("link", name=instance, exact=True).click()
    expect(page.locator("h1")).to_have_text(instance)
    page.goto(f"{visitor.address}/#/")
    expect(page.get_by_role("link", name=instance, exact=True)).to_be_visible()
    expect_nothing_of_theirs(page)


def check_input_and_output(visitor):
    """An input of every kind, and a custom status and an output that are what an event said."""
    said = f"{IMAGE}{SCRIPT}{TEMPLATE}"
    instance = visitor.starts("CityRecommender", 1)
    visitor.raises(instance, "CitySelected", said)
    visitor.until(instance, "Completed")
    page = visitor.opens_instance(instance)
    expect_literally(page.locator("#custom-status"), said)
    expect_literally(section(page, "Output"), said)
    expect_literally(page.locator(".timeline"), "<img src=x")
    expect_nothing_of_theirs(page)
    page.get_by_role("button", name="Purge").click()
    expect(page.get_by_role("dialog")).to_contain_text(instance)

    hello = visitor.starts("E1_HelloSequence", {IMAGE: [SCRIPT, {SVG: LINK}], "__proto__": {"x": 1}, "constructor": SCRIPT})
    visitor.until(hello, "Completed")
    page = visitor.opens_instance(hello)
    expect_literally(section(page, "Input"), IMAGE)
    closed = page.locator("section details:not([open]) > summary")
    while closed.count() > 0:
        closed.first.click()
    expect_literally(section(page, "Input"), IMAGE, SCRIPT, SVG, LINK, "__proto__")
    expect_nothing_of_theirs(page)


def check_failure(visitor):
    """A message and a reason: the sample says what choice it does not know."""
    instance = visitor.starts("FanOut", SCRIPT)
    visitor.until(instance, "Failed")
    page = visitor.opens_instance(instance)
    expect(section(page, "Failure")).to_be_visible()
    expect_literally(section(page, "Input"), SCRIPT)
    expect_nothing_of_theirs(page)


def check_reason_of_an_end(visitor):
    instance = visitor.starts("CityRecommender", 1)
    page = visitor.opens_instance(instance)
    page.get_by_role("button", name="Terminate").click()
    page.get_by_label("Reason (optional)").fill(f"{IMAGE}{SCRIPT}")
    page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    expect_literally(section(page, "Reason"), f"{IMAGE}{SCRIPT}")
    expect_nothing_of_theirs(page)


def check_answers_of_a_strange_gateway(visitor):
    """Names, kinds of events and failures are limited by a gateway; the page does not count on that."""
    bad = f"{IMAGE}{SCRIPT}"
    failure = {"ErrorType": bad, "ErrorMessage": bad, "StackTrace": bad, "IsNonRetriable": False,
               "InnerFailure": {"ErrorType": bad, "ErrorMessage": bad, "StackTrace": bad, "InnerFailure": None}}
    status = {"name": bad, "instanceId": "strange", "runtimeStatus": "Failed", "input": bad, "customStatus": {"done": 1, "total": 3, bad: bad},
              "output": bad, "createdTime": "2026-01-01T00:00:00Z", "lastUpdatedTime": bad, "version": bad, "parentInstanceId": bad, "tags": {bad: bad}}
    events = [
        {"EventType": "ExecutionStarted", "Timestamp": "2026-01-01T00:00:00Z"},
        {"EventType": "TaskFailed", "FunctionName": bad, "ScheduledTime": "2026-01-01T00:00:00Z", "Timestamp": "2026-01-01T00:00:01Z", "Reason": bad, "FailureDetails": failure},
        {"EventType": "SubOrchestrationInstanceFailed", "FunctionName": bad, "Timestamp": "2026-01-01T00:00:02Z", "Reason": bad},
        {"EventType": "EventRaised", "Name": bad, "Timestamp": "2026-01-01T00:00:02Z"},
        {"EventType": "ExecutionCompleted", "Timestamp": "2026-01-01T00:00:03Z", "FailureDetails": failure},
    ]
    change = {"instanceId": "strange", "name": bad, "type": "OrchestrationFailed", "version": 3, "time": bad, "runtimeStatus": "Failed",
              "customStatus": status["customStatus"], "output": bad, "failure": {"type": bad, "message": bad}}
    progress = {"activity": bad, "task": 3, "attempt": 2, "time": bad, "value": bad}
    child = {"instanceId": bad, "name": bad, "runtimeStatus": bad, "customStatus": bad, "children": []}

    def answer(route):
        url = route.request.url
        if route.request.resource_type == "eventsource":
            said = f"event: progress\ndata: {json.dumps(progress)}\n\nid: 1.3\ndata: {json.dumps(change)}\n\n"
            return route.fulfill(body=said, content_type="text/event-stream")
        if "/tree" in url:
            return route.fulfill(json={**status, "children": [child]})
        if "showHistory" in url:
            return route.fulfill(json={**status, "historyEvents": events, "waitingFor": [bad]})
        return route.fulfill(json=status, headers={"ETag": '"1.3"'})

    page = visitor.opens("#/instances")
    page.route("**/instances/strange**", answer)
    page.goto(f"{visitor.address}/#/instances/strange")
    expect_literally(section(page, "Failure"), bad)
    expect_literally(section(page, "Children"), bad)
    expect_literally(page.locator(".facts-line"), bad)
    expect_literally(page.locator(".timeline"), bad, "failed")
    for summary in page.locator("section summary").all():
        summary.click()
    expect_literally(page.locator("#history"), bad)
    expect(page.locator("#custom-status progress")).to_have_attribute("max", "3")
    expect_nothing_of_theirs(page)

    strange = {"hub": bad, "readOnly": False, "counts": {"Failed": 1}, "rate": {"started": 0, "ended": 0, "seconds": 59},
               "activities": [{"name": bad, "waiting": 3, "workers": 0}], "instances": []}
    cluster = {"nodes": [{"name": bad, "missing": True}], "partitions": [
        {"partition": 0, "owner": bad, "standbys": [{"node": bad, "lag": 2}], "backlog": 1, "troubles": [{"node": bad, "text": bad}]}]}
    page.route("**/overview", lambda route: route.fulfill(json=strange))
    page.route("**/instances?**", lambda route: route.fulfill(json=[{**status, "createdTime": bad}, {**status, "instanceId": bad, "runtimeStatus": "Running", "waitingFor": [bad]}]))
    page.route("**/counts?**", lambda route: route.fulfill(json={"total": 1, "groups": [{"value": "strange", "count": 1}], "isTruncated": False}))
    page.route("**/entities?**", lambda route: route.fulfill(json=[{"entityId": {"name": bad, "key": bad}, "lastOperationTime": bad, "state": {bad: bad}}]))
    page.route("**/cluster", lambda route: route.fulfill(json=cluster))
    page.goto(f"{visitor.address}/#/")
    expect_literally(page.get_by_role("table", name="What waits"), bad)
    expect_literally(page.get_by_role("table", name="Partitions"), bad)
    expect_literally(page.get_by_role("table", name="The newest"), bad, f"waits for {bad}")
    expect_literally(page.get_by_role("alert"), f"No worker serves {bad}")
    expect_nothing_of_theirs(page)
    page.goto(f"{visitor.address}/#/entities")
    expect_literally(page.get_by_role("table", name="Entities"), bad)
    expect_nothing_of_theirs(page)
    page.goto(f"{visitor.address}/#/instances?by=customStatus.x")
    expect_literally(page.get_by_role("table", name="Instances"), bad)
    expect_nothing_of_theirs(page)
