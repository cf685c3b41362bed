#!/usr/bin/env php
<?php
// Start E1_HelloSequence from PHP.   start_hello.php [INSTANCE-ID]
// (Debian: php-cli, php-amqplib; elsewhere: composer require php-amqplib/php-amqplib)
require 'PhpAmqpLib/autoload.php';

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Message\AMQPMessage;

$hub = getenv('REPRISE_HUB') ?: 'default';
$instance = $argv[1] ?? bin2hex(random_bytes(16));

$broker = function ($text) {
    $url = parse_url($text);
    $vhost = rawurldecode(substr($url['path'] ?? '', 1)) ?: '/';
    return ['host' => $url['host'], 'port' => $url['port'] ?? 5672, 'user' => $url['user'], 'password' => $url['pass'], 'vhost' => $vhost];
};
$urls = explode(',', getenv('REPRISE_AMQP_URL') ?: 'amqp://guest:guest@127.0.0.1:5672');
$connection = AMQPStreamConnection::create_connection(array_map($broker, $urls)); // the first that answers
$channel = $connection->channel();
$refuse = function () use ($hub) { throw new Exception("the broker did not take the message: is there a hub '$hub'?"); };
$channel->set_return_listener($refuse);
$channel->set_nack_handler($refuse);
$channel->confirm_select();

$message = new AMQPMessage(json_encode(null), [ // the orchestration's input
    'correlation_id' => $instance,
    'message_id' => bin2hex(random_bytes(16)), // in doubt, send again with the same one: it runs once
    'content_type' => 'application/json',
    'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT,
]);
$channel->basic_publish($message, "reprise.$hub", 'start.E1_HelloSequence', true); // true: mandatory
$channel->wait_for_pending_acks_returns(10);

$connection->close();
echo "$instance\n";
