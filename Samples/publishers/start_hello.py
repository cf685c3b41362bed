#!/usr/bin/env python3
"""Start E1_HelloSequence from Python.   start_hello.py [INSTANCE-ID]   (Debian: python3-pika, or: pip install pika)"""
import json, os, sys, uuid
import pika

urls = os.environ.get("REPRISE_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672").split(",")
hub = os.environ.get("REPRISE_HUB", "default")
instance = sys.argv[1] if len(sys.argv) > 1 else str(uuid.uuid4())

with pika.BlockingConnection([pika.URLParameters(url) for url in urls]) as connection:  # the first that answers
    channel = connection.channel()
    channel.confirm_delivery()  # from here on, publishing waits for the broker's word that it has the message
    channel.basic_publish(
        exchange=f"reprise.{hub}",
        routing_key="start.E1_HelloSequence",
        body=json.dumps(None),  # the orchestration's input
        properties=pika.BasicProperties(
            correlation_id=instance,
            message_id=str(uuid.uuid4()),  # in doubt, send again with the same one: it runs once
            content_type="application/json",
            delivery_mode=2,  # persistent
        ),
        mandatory=True,  # an error, should the hub not exist
    )

print(instance)
