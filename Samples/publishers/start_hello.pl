#!/usr/bin/env perl
# Start E1_HelloSequence from Perl.   start_hello.pl [INSTANCE-ID]
# (Debian: libanyevent-rabbitmq-perl; elsewhere: cpanm AnyEvent::RabbitMQ)
use v5.30;
use warnings;
use AnyEvent::RabbitMQ;

sub new_id { join '', map { sprintf '%04x', rand 65536 } 1 .. 8 }

my $hub = $ENV{REPRISE_HUB} // 'default';
my $instance = shift // new_id();
my @urls = split /,/, $ENV{REPRISE_AMQP_URL} // 'amqp://guest:guest@127.0.0.1:5672';

my $done = AnyEvent->condvar;
my $fail = sub { $done->croak("the broker did not take the message: is there a hub '$hub'?\n") };

sub start {
    $_[0]->open_channel(on_failure => $fail, on_close => $fail, on_success => sub {
        my $channel = shift;
        $channel->confirm(on_failure => $fail, on_success => sub {
            $channel->publish(
                exchange => "reprise.$hub", routing_key => 'start.E1_HelloSequence', mandatory => 1,
                header => {
                    correlation_id => $instance,
                    message_id => new_id(),    # in doubt, send again with the same one: it runs once
                    content_type => 'application/json',
                    delivery_mode => 2,        # persistent
                },
                body => 'null',                # the orchestration's input
                on_ack => sub { $done->send }, on_nack => $fail, on_return => $fail,
            );
        });
    });
}

# The first of a cluster's brokers that answers.
my $rabbit;
sub connect_to_next {
    my ($user, $password, $host, $port, $vhost) =
        shift(@urls) =~ m{^amqp://([^:]+):([^@]+)@([^:/]+):(\d+)/?(.*)$} or die "REPRISE_AMQP_URL: cannot read it\n";
    $rabbit = AnyEvent::RabbitMQ->new->load_xml_spec->connect(
        host => $host, port => $port, user => $user, pass => $password, vhost => $vhost =~ s{%2F}{/}ir || '/',
        timeout => 10, on_success => \&start, on_failure => @urls ? \&connect_to_next : $fail,
    );
}
connect_to_next();
$done->recv;
say $instance;
