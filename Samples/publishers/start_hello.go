// Start E1_HelloSequence from Go.   go run start_hello.go [INSTANCE-ID]
// (Debian: golang-github-rabbitmq-amqp091-go-dev; elsewhere: go get github.com/rabbitmq/amqp091-go)
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	hub := os.Getenv("REPRISE_HUB")
	if hub == "" {
		hub = "default"
	}
	instance := randomID()
	if len(os.Args) > 1 {
		instance = os.Args[1]
	}

	urls := os.Getenv("REPRISE_AMQP_URL")
	if urls == "" {
		urls = "amqp://guest:guest@127.0.0.1:5672"
	}
	connection, err := dial(strings.Split(urls, ","))
	check(err)
	defer connection.Close()
	channel, err := connection.Channel()
	check(err)
	check(channel.Confirm(false))
	returned := channel.NotifyReturn(make(chan amqp.Return, 1))
	confirmed := channel.NotifyPublish(make(chan amqp.Confirmation, 1))

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	check(channel.PublishWithContext(ctx, "reprise."+hub, "start.E1_HelloSequence", true, false, amqp.Publishing{
		CorrelationId: instance,
		MessageId:     randomID(), // in doubt, send again with the same one: it runs once
		ContentType:   "application/json",
		DeliveryMode:  amqp.Persistent,
		Body:          []byte("null"), // the orchestration's input
	}))

	select {
	case confirmation := <-confirmed:
		if !confirmation.Ack || len(returned) > 0 {
			log.Fatalf("the broker did not take the message: is there a hub '%s'?", hub)
		}
	case <-ctx.Done():
		log.Fatal("no confirm within 10 s")
	}
	fmt.Println(instance)
}

// The first of a cluster's brokers that answers.
func dial(urls []string) (connection *amqp.Connection, err error) {
	for _, url := range urls {
		if connection, err = amqp.Dial(url); err == nil {
			break
		}
	}
	return
}

func randomID() string {
	id := make([]byte, 16)
	_, err := rand.Read(id)
	check(err)
	return fmt.Sprintf("%x", id)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
