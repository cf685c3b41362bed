"""A visitor of the page, and what they need: a browser window, and a way to start instances."""
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from playwright.sync_api import expect

BASE = "/runtime/webhooks/durabletask"
PATIENCE = 20
expect.set_options(timeout=int(os.environ.get("CHECK_PAGE_PATIENCE", PATIENCE)) * 1000)


class Visitor:
    def __init__(self, browser, address, looking):
        self.browser = browser
        self.address = address
        self.looking = looking
        self.contexts = []
        self.page = None
        self.complaints = []
        self.forgiven = []

    def opens(self, hash="#/", *, address=None, **options):
        """A window of its own at one of our pages."""
        context = self.browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        self.contexts.append(context)
        self.page = context.new_page()
        # Whatever runs that should not would speak up in one of these ways.
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._hear)
        self.page.on("request", self._see)
        self.page.goto(f"{address or self.address}/{hash}")
        return self.page

    def opens_instance(self, instance, **options):
        page = self.opens(f"#/instances/{quote(instance)}", **options)
        expect(page.locator("h1")).to_have_text(instance)
        return page

    def _hear(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _see(self, request):
        if not request.url.startswith((self.address, self.looking, "data:")):
            self.complaints.append(f"a request to {request.url}")

    def expect_peace(self):
        """No script failed, nothing was refused by the policy, nothing was loaded from elsewhere."""
        assert not self.complaints, self.complaints

    def picture(self, name):
        folder = os.environ.get("CHECK_PAGE_SCREENSHOTS")
        if folder and self.page:
            os.makedirs(folder, exist_ok=True)
            self.page.screenshot(path=os.path.join(folder, f"{name}.png"), full_page=True)

    def leave(self):
        for context in self.contexts:
            context.close()

    # What happens beside the page.

    @staticmethod
    def fresh(name):
        return f"{name}-{uuid.uuid4().hex[:8]}"

    def starts(self, orchestrator, value=None, instance=None, **query):
        instance = instance or self.fresh(orchestrator)
        parameters = f"?{urllib.parse.urlencode(query)}" if query else ""
        self.sends("POST", f"{BASE}/orchestrators/{quote(orchestrator)}/{quote(instance)}{parameters}", value)
        return instance

    def raises(self, instance, event, value=None):
        self.sends("POST", f"{BASE}/instances/{quote(instance)}/raiseEvent/{quote(event)}", value)

    def asks(self, instance):
        return self.sends("GET", f"{BASE}/instances/{quote(instance)}")

    def is_gone(self, instance):
        try:
            self.asks(instance)
        except urllib.error.HTTPError as error:
            return error.code == 404
        return False

    def until(self, instance, runtime_status):
        deadline = time.monotonic() + PATIENCE
        while (seen := self.asks(instance))["runtimeStatus"] != runtime_status:
            assert time.monotonic() < deadline, f"{instance} is {seen['runtimeStatus']}, not {runtime_status}"
            time.sleep(0.05)
        return seen

    @staticmethod
    def waits_for(condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never: {what}"
            time.sleep(0.05)

    def sends(self, method, path, value=None):
        body = None if method == "GET" else json.dumps(value).encode()
        request = urllib.request.Request(self.address + path, method=method, data=body)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None


def quote(text):
    return urllib.parse.quote(text, safe="")
