#!/usr/bin/env ruby
# Start E1_HelloSequence from Ruby.   start_hello.rb [INSTANCE-ID]   (Debian: ruby-bunny, or: gem install bunny)
require "bunny"
require "json"
require "securerandom"

hub = ENV.fetch("REPRISE_HUB", "default")
instance = ARGV.fetch(0) { SecureRandom.uuid }

# The first of a cluster's brokers that answers.
def connect(urls)
  Bunny.new(urls.first).start
rescue Bunny::TCPConnectionFailed
  raise if urls.one?
  connect(urls.drop(1))
end

connection = connect(ENV.fetch("REPRISE_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672").split(","))
channel = connection.create_channel
exchange = channel.topic("reprise.#{hub}", passive: true)
returned = false
exchange.on_return { returned = true }
channel.confirm_select

exchange.publish(
  JSON.generate(nil), # the orchestration's input
  routing_key: "start.E1_HelloSequence",
  correlation_id: instance,
  message_id: SecureRandom.uuid, # in doubt, send again with the same one: it runs once
  content_type: "application/json",
  persistent: true,
  mandatory: true
)
raise "the broker did not take the message: is there a hub '#{hub}'?" if !channel.wait_for_confirms || returned

connection.close
puts instance
