"""The gateways as HTTP clients see them."""
import http.client
import json
import urllib.parse

BASE = "/runtime/webhooks/durabletask"


class Unreachable(Exception):
    """No answer, or one that says: later."""


class Gateway:
    def __init__(self, port):
        self.port = port

    def start(self, plan):
        """The status code; the id and the key are the same whenever it is sent again."""
        headers = {"Idempotency-Key": start_key(plan)}
        options = f"?startAt={urllib.parse.quote(plan.start_at)}" if plan.start_at else ""
        path = f"{BASE}/orchestrators/{plan.orchestrator}/{plan.id}{options}"
        return self._send("POST", path, plan.input, headers)[0]

    def terminate(self, id):
        """With the children."""
        return self._send("POST", f"{BASE}/instances/{id}/terminate?reason=chaos&recursive=true")[0]

    def cancel(self, id):
        """Its code is told, and cleans up."""
        return self._send("POST", f"{BASE}/instances/{id}/cancel?reason=chaos")[0]

    def account(self, key):
        """What it holds, or None where it was never changed."""
        code, body = self._send("GET", f"{BASE}/entities/Account/{key}")[:2]
        return body if code == 200 else None

    def raise_event(self, id, event):
        return self._send("POST", f"{BASE}/instances/{id}/raiseEvent/{event.name}", event.value)[0]

    def history(self, id):
        """The events, or None where no one knows the instance."""
        path = f"{BASE}/instances/{urllib.parse.quote(id)}?showHistory=true&showInput=true&showHistoryOutput=true"
        code, body = self._send("GET", path)[:2]
        return None if code == 404 else body["historyEvents"]

    def list(self):
        """Every instance by id, as the read model has it."""
        found, token = {}, ""
        while True:
            headers = {"x-ms-continuation-token": token} if token else {}
            _, page, headers = self._send("GET", f"{BASE}/instances?top=500&showInput=false", headers=headers)
            found |= {shown["instanceId"]: shown for shown in page}
            token = headers.get("x-ms-continuation-token")
            if not token:
                return found

    def lag(self):
        return self._send("GET", "/health")[1]["lag"]

    def cluster(self):
        code, body = self._send("GET", "/cluster")[:2]
        return body if code == 200 else None

    def _send(self, method, path, value=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = dict(headers or {})
        body = None
        if method == "POST":
            body = json.dumps(value)
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(error)) from error
        finally:
            connection.close()
        if response.status >= 500:
            raise Unreachable(f"{response.status}: {text[:200]}")
        return response.status, json.loads(text) if text else None, response.headers


def start_key(plan):
    """The same at both doors: repeating a start at the other one means the same start."""
    return f"start-{plan.id}"
