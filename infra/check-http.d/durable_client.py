"""Drives a gateway with azure-functions-durable, the official client, as it is on PyPI.

usage: durable_client.py ADDRESS HUB

The node has to have the samples. Each check below is a conversation with the gateway; the exit code is 0 when all went
as the client expects.
"""
import asyncio
import json
import sys
import time
import traceback
import uuid
from datetime import datetime, timedelta, timezone

import azure.functions as func
from azure.durable_functions import DurableOrchestrationClient, EntityId, OrchestrationRuntimeStatus
from azure.durable_functions.models.utils import http_utils

Status = OrchestrationRuntimeStatus
BASE = "/runtime/webhooks/durabletask"
PATIENCE = 30
CITIES = ["Hello Tokyo!", "Hello Seattle!", "Hello London!"]


def binding(address, hub):
    """What the Functions host would hand to the client."""
    root = f"{address}{BASE}"
    common = f"taskHub={hub}&connection=RabbitMQ"
    one = f"{root}/instances/INSTANCEID"
    return json.dumps(
        {
            "taskHubName": hub,
            "creationUrls": {
                "createNewInstancePostUri": f"{root}/orchestrators/{{functionName}}[/{{instanceId}}]?{common}",
                "createAndWaitOnNewInstancePostUri": f"{root}/orchestrators/{{functionName}}[/{{instanceId}}]"
                f"?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}&{common}",
            },
            "managementUrls": {
                "id": "INSTANCEID",
                "statusQueryGetUri": f"{one}?{common}",
                "sendEventPostUri": f"{one}/raiseEvent/{{eventName}}?{common}",
                "terminatePostUri": f"{one}/terminate?reason={{text}}&{common}",
                "rewindPostUri": f"{one}/rewind?reason={{text}}&{common}",
                "purgeHistoryDeleteUri": f"{one}?{common}",
                "restartPostUri": f"{one}/restart?{common}",
                "suspendPostUri": f"{one}/suspend?reason={{text}}&{common}",
                "resumePostUri": f"{one}/resume?reason={{text}}&{common}",
            },
            "rpcBaseUrl": f"{root}/",
        }
    )


class Conversation:
    """A client, and what every check needs."""

    def __init__(self, address, hub):
        self.address = address
        self.client = DurableOrchestrationClient(binding(address, hub))

    @staticmethod
    def fresh(name):
        return f"{name}-{uuid.uuid4().hex[:12]}"

    async def until(self, instance, accepts, what):
        """The status, once it is as wanted."""
        deadline = time.monotonic() + PATIENCE
        while True:
            status = await self.client.get_status(instance)
            if status and accepts(status):
                return status
            assert time.monotonic() < deadline, f"{instance} was not {what}: {status.to_json()}"
            await asyncio.sleep(0.05)

    async def until_status(self, instance, wanted):
        return await self.until(instance, lambda status: status.runtime_status == wanted, wanted.value)

    @staticmethod
    async def raises(awaitable, text):
        try:
            await awaitable
        except Exception as error:  # the client raises nothing more special
            assert text in str(error), f"it said '{error}', not '{text}'"
            return
        raise AssertionError(f"nothing was raised; expected: {text}")


# ---------------------------------------------------------------------------------------------------------------------


async def starting(talk):
    client = talk.client
    drawn = await client.start_new("E1_HelloSequence")
    assert len(drawn) == 32, drawn
    named = talk.fresh("hello with blanks")
    assert await client.start_new("E1_HelloSequence", named) == named
    for instance in (drawn, named):
        status = await talk.until_status(instance, Status.Completed)
        assert status.name == "E1_HelloSequence" and status.instance_id == instance
        assert status.output == CITIES and status.custom_status == "London", status.to_json()
        assert status.input_ is None


async def inputs_that_are_encoded_twice(talk):
    instance = talk.fresh("recommender")
    await talk.client.start_new("CityRecommender", instance, 1)
    status = await talk.until(instance, lambda status: status.custom_status, "waiting")
    assert status.input_ == "1", "the status shows what was sent"
    assert status.custom_status["recommendedCities"] == ["Tokyo", "Seattle"]
    await talk.client.terminate(instance, "enough")


async def versions(talk):
    instance = talk.fresh("versioned")
    await talk.client.start_new("E1_HelloSequence", instance, None, "7.1 beta")
    status = await talk.until_status(instance, Status.Completed)
    assert status.version == "7.1 beta", status.__dict__


async def starts_that_are_refused(talk):
    client = talk.client
    await talk.raises(client.start_new("Nobody"), "There is no orchestrator 'Nobody'")
    await talk.raises(client.start_new("E1_HelloSequence", "@entity"), "must not begin with '@'")
    instance = talk.fresh("twice")
    await client.start_new("CityRecommender", instance, 2)
    await talk.raises(client.start_new("CityRecommender", instance, 3), "already exists")
    status = await client.get_status(instance)
    assert status.input_ == "2", "the refused start changed nothing"
    await client.terminate(instance, "enough")
    await talk.until_status(instance, Status.Terminated)
    await talk.raises(client.start_new("E1_HelloSequence", instance), "of another orchestrator")
    assert await client.start_new("CityRecommender", instance, 3) == instance, "an ended instance is replaced"
    await talk.until_status(instance, Status.Running)
    await client.terminate(instance, "enough")


async def reading(talk):
    client = talk.client
    assert not await client.get_status(talk.fresh("nobody"))
    instance = await client.start_new("E1_HelloSequence", client_input={"greeting": "Hello", "é": [1, None]})
    await talk.until_status(instance, Status.Completed)
    plain = await client.get_status(instance)
    assert json.loads(plain.input_) == {"greeting": "Hello", "é": [1, None]}
    assert plain.created_time <= plain.last_updated_time
    assert not hasattr(plain, "historyEvents")

    brief = await client.get_status(instance, show_history=True)
    events = brief.historyEvents
    assert [event["EventType"] for event in events] == (
        ["ExecutionStarted"] + ["TaskCompleted"] * 3 + ["ExecutionCompleted"]
    ), events
    assert events[0]["FunctionName"] == "E1_HelloSequence" and events[1]["FunctionName"] == "E1_SayHello"
    assert "Result" not in events[1] and events[1]["ScheduledTime"] <= events[1]["Timestamp"]
    full = await client.get_status(instance, show_history=True, show_history_output=True, show_input=True)
    assert [event.get("Result") for event in full.historyEvents[1:]] == CITIES + [CITIES]
    assert full.historyEvents[1]["Input"] == "Tokyo"
    assert full.historyEvents[-1]["OrchestrationStatus"] == "Completed"


async def listing(talk):
    client = talk.client
    prefix = talk.fresh("listed")
    before = datetime.now(timezone.utc) - timedelta(seconds=2)
    done = [await client.start_new("E1_HelloSequence", f"{prefix}-done-{number}") for number in range(3)]
    busy = await client.start_new("CityRecommender", f"{prefix}-busy", 1)
    for instance in done:
        await talk.until_status(instance, Status.Completed)
    await talk.until(busy, lambda status: status.custom_status, "waiting")
    after = datetime.now(timezone.utc) + timedelta(seconds=2)

    async def ids(**filters):
        statuses = await client.get_status_by(**filters)
        return sorted(status.instance_id for status in statuses if status.instance_id.startswith(prefix))

    everything = sorted([*done, busy])
    assert await ids(instance_id_prefix=prefix) == everything
    assert await ids(created_time_from=before, created_time_to=after) == everything
    assert await ids(created_time_from=after) == []
    assert await ids(created_time_to=before) == []
    assert await ids(instance_id_prefix=prefix, runtime_status=[Status.Completed]) == done
    assert await ids(instance_id_prefix=prefix, runtime_status=[Status.Running, Status.Pending]) == [busy]
    every = [status.instance_id for status in await client.get_status_all()]
    assert set(everything) <= set(every), "fewer than a page of instances are there"
    assert not any(instance.startswith("@") for instance in every), "an entity is no instance"
    await client.terminate(busy, "enough")


async def events(talk):
    client = talk.client
    instance = await client.start_new("CityRecommender", client_input=1)
    await talk.until(instance, lambda status: status.custom_status, "waiting")
    await client.raise_event(instance, "cityselected", "Tokyo")
    status = await talk.until_status(instance, Status.Completed)
    assert status.output == '"Tokyo"', "event data is encoded twice, and a string is any string"

    booking = await client.start_new("ReserveTicket", client_input="nick")
    await talk.until(booking, lambda status: status.custom_status, "waiting")
    await client.raise_event(booking, "BookingConfirmed", True)
    assert (await talk.until_status(booking, Status.Completed)).output is True, "a typed reader takes both encodings"

    await talk.raises(client.raise_event(instance, "CitySelected", "Oslo"), "is gone: either completed or failed")
    await talk.raises(client.raise_event(talk.fresh("nobody"), "CitySelected"), "No instance with ID")


async def terminating(talk):
    client = talk.client
    instance = await client.start_new("CityRecommender", client_input=1)
    await client.terminate(instance, "a reason with blanks & signs")
    status = await talk.until_status(instance, Status.Terminated)
    assert status.output == "a reason with blanks & signs", status.to_json()
    await client.terminate(instance, "again")
    assert (await client.get_status(instance)).output == "a reason with blanks & signs", "it had ended"
    await talk.raises(client.terminate(talk.fresh("nobody"), "no"), "No instance with ID")


async def suspending(talk):
    client = talk.client
    instance = await client.start_new("CityRecommender", client_input=1)
    await talk.until(instance, lambda status: status.custom_status, "waiting")
    await client.suspend(instance, "tea")
    assert (await client.get_status(instance)).runtime_status == Status.Suspended
    await talk.raises(client.suspend(instance, "more tea"), "unexpected status code 409")
    await client.raise_event(instance, "CitySelected", "Tokyo")
    await asyncio.sleep(0.5)
    assert (await client.get_status(instance)).runtime_status == Status.Suspended, "it takes no step"
    await client.resume(instance, "back")
    await talk.until_status(instance, Status.Completed)
    await client.suspend(instance, "too late")
    await client.resume(instance, "too late")
    await talk.raises(client.suspend(talk.fresh("nobody"), "no"), "No instance with ID")
    await talk.raises(client.resume(talk.fresh("nobody"), "no"), "No instance with ID")


async def rewinding(talk):
    client = talk.client
    # Plain text, as the samples take it: the client would encode it, and the greeting show the quotes.
    instance = await client.start_new("PlaceOrder", client_input="tea")
    failed = await talk.until_status(instance, Status.Failed)
    assert "the bank is closed" in failed.output, failed.output
    await client.rewind(instance, "the bank is open")
    status = await talk.until_status(instance, Status.Completed)
    assert status.output == 'Hello "tea"! Paid.', status.output
    assert status.custom_status == "done"
    types = [event["EventType"] for event in (await client.get_status(instance, show_history=True)).historyEvents]
    assert "GenericEvent" in types and "SubOrchestrationInstanceCompleted" in types, types
    assert types.count("TaskCompleted") == 1, "what had been done was not done again"
    await talk.raises(client.rewind(instance, "no"), "only supported on failed")
    await talk.raises(client.rewind(talk.fresh("nobody"), "no"), "No instance with ID")
    running = await client.start_new("CityRecommender", client_input=1)
    await talk.raises(client.rewind(running, "no"), "412")
    await client.terminate(running, "enough")


async def restarting(talk):
    client = talk.client
    instance = await client.start_new("CityRecommender", client_input=3)
    await client.terminate(instance, "enough")
    links = await client.restart(instance)
    assert links["id"] != instance and len(links["id"]) == 32, links
    status = await talk.until(links["id"], lambda status: status.custom_status, "waiting")
    assert status.input_ == "3" and status.name == "CityRecommender"
    same = await client.restart(instance, restart_with_new_instance_id=False)
    assert same["id"] == instance
    await talk.until(instance, lambda status: status.runtime_status == Status.Running, "running")
    await talk.raises(client.restart(instance, restart_with_new_instance_id=False), "unexpected status code 409")
    await talk.raises(client.restart(talk.fresh("nobody")), "unexpected status code 400")
    for running in (instance, links["id"]):
        await client.terminate(running, "enough")


async def purging(talk):
    client = talk.client
    instance = await client.start_new("E1_HelloSequence")
    await talk.until_status(instance, Status.Completed)
    assert (await client.purge_instance_history(instance)).instances_deleted == 1
    assert not await client.get_status(instance)
    assert (await client.purge_instance_history(instance)).instances_deleted == 0

    begin = datetime.now(timezone.utc)
    running = await client.start_new("CityRecommender", client_input=1)
    ended = [await client.start_new("E1_HelloSequence") for _ in range(3)]
    for one in ended:
        await talk.until_status(one, Status.Completed)

    async def purged(status):
        # The model names the candidates: it may be a moment behind.
        result = await client.purge_instance_history_by(begin, datetime.now(timezone.utc), status)
        return result.instances_deleted

    assert await purged([Status.Failed]) == 0
    deadline = time.monotonic() + PATIENCE
    count = 0
    while count < 3 and time.monotonic() < deadline:
        count += await purged([Status.Completed, Status.Running])
    assert count == 3, count
    assert (await client.get_status(running)).runtime_status == Status.Running, "what runs is never purged"
    await talk.raises(client.purge_instance_history(running), "unexpected status code 409")
    await client.terminate(running, "enough")


async def waiting(talk):
    client = talk.client
    request = func.HttpRequest("GET", f"{talk.address}/api/start", body=b"")
    instance = await client.start_new("E1_HelloSequence")
    response = await client.wait_for_completion_or_create_check_status_response(request, instance, 20_000, 50)
    assert response.status_code == 200 and json.loads(response.get_body()) == CITIES

    busy = await client.start_new("CityRecommender", client_input=1)
    response = await client.wait_for_completion_or_create_check_status_response(request, busy, 200, 50)
    assert response.status_code == 202
    links = json.loads(response.get_body())
    assert response.headers["Location"] == links["statusQueryGetUri"]
    # The links, as a client without this library would use them.
    post, get, delete = http_utils.post_async_request, http_utils.get_async_request, http_utils.delete_async_request
    assert (await get(links["statusQueryGetUri"]))[0] == 202
    assert (await post(links["suspendPostUri"].replace("{text}", "tea")))[0] == 202
    assert (await post(links["resumePostUri"].replace("{text}", "back")))[0] == 202
    assert (await post(links["sendEventPostUri"].replace("{eventName}", "CitySelected"), "Tokyo"))[0] == 202
    assert (await talk.until_status(busy, Status.Completed)).output == "Tokyo"
    assert (await post(links["terminatePostUri"].replace("{text}", "late")))[0] == 410
    assert (await post(links["restartPostUri"]))[0] == 202
    assert await delete(links["purgeHistoryDeleteUri"]) == [200, {"instancesDeleted": 1}]
    assert (await get(links["statusQueryGetUri"]))[0] == 404

    failed = await client.start_new("CityRecommender", client_input=9)
    response = await client.wait_for_completion_or_create_check_status_response(request, failed, 20_000, 50)
    assert response.status_code == 500 and b"UnknownChoice" in response.get_body()
    payload = client.create_http_management_payload(failed)
    assert payload["id"] == failed and failed in payload["rewindPostUri"]


async def what_the_gateway_hands_out(talk):
    """The links of a start are the ones that the client would make itself."""
    root = f"{talk.address}{BASE}"
    code, links = await http_utils.post_async_request(f"{root}/orchestrators/E1_HelloSequence")
    assert code == 202
    own = talk.client.create_http_management_payload(links["id"])
    own.pop("rewindPostUri")
    assert links == own, (links, own)


async def entities(talk):
    client = talk.client
    counter = EntityId("Counter", talk.fresh("tickets"))
    assert not (await client.read_entity_state(counter)).entity_exists
    await client.signal_entity(counter, "add", 5)
    await client.signal_entity(counter, "add", 7)

    async def becomes(accepts):
        deadline = time.monotonic() + PATIENCE
        while True:
            state = await client.read_entity_state(counter)
            if accepts(state):
                return
            assert time.monotonic() < deadline, (state.entity_exists, state.entity_state)
            await asyncio.sleep(0.05)

    await becomes(lambda state: state.entity_exists and state.entity_state == 12)
    await client.signal_entity(counter, "multiply", 2)  # fails, and changes nothing
    await client.signal_entity(counter, "add", 1)
    await becomes(lambda state: state.entity_state == 13)
    code, found = await http_utils.get_async_request(f"{talk.address}{BASE}/entities/counter?fetchState=true")
    mine = [entity for entity in found if entity["entityId"] == {"name": "counter", "key": counter.key}]
    assert code == 200 and len(mine) == 1, found
    await client.signal_entity(counter, "delete")
    await becomes(lambda state: not state.entity_exists)
    await talk.raises(client.signal_entity(EntityId("nobody", "a"), "add"), "unexpected status code 400")


CHECKS = [
    starting, inputs_that_are_encoded_twice, versions, starts_that_are_refused, reading, listing, events, terminating,
    suspending, rewinding, restarting, purging, waiting, what_the_gateway_hands_out, entities,
]  # fmt: skip


async def main(address, hub):
    talk = Conversation(address, hub)
    failed = []
    for check in CHECKS:
        began = time.monotonic()
        name = check.__name__.replace("_", " ")
        try:
            await check(talk)
            print(f"  ok      {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            failed.append(name)
            print(f"  FAILED  {name}", flush=True)
            traceback.print_exc()
    await http_utils._close_session()
    print(f"azure-functions-durable: {len(CHECKS) - len(failed)} of {len(CHECKS)} checks went as the client expects")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
