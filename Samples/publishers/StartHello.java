// Start E1_HelloSequence from Java.   java -cp … StartHello.java [INSTANCE-ID]
// (Debian: librabbitmq-client-java; class path: amqp-client.jar, slf4j-api.jar and slf4j-nop.jar in /usr/share/java)

import com.rabbitmq.client.*;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

class StartHello {
    public static void main(String[] arguments) throws Exception {
        String hub = System.getenv().getOrDefault("REPRISE_HUB", "default");
        String instance = arguments.length > 0 ? arguments[0] : UUID.randomUUID().toString();

        ConnectionFactory factory = new ConnectionFactory();
        String[] urls = System.getenv().getOrDefault("REPRISE_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672").split(",");
        factory.setUri(urls[0]);
        List<Address> brokers = Stream.of(urls).map(URI::create).map(url -> new Address(url.getHost(), url.getPort())).toList();
        try (Connection connection = factory.newConnection(brokers); Channel channel = connection.createChannel()) {
            boolean[] returned = {false};
            channel.addReturnListener(message -> returned[0] = true);
            channel.confirmSelect();
            AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .correlationId(instance)
                .messageId(UUID.randomUUID().toString()) // in doubt, send again with the same one: it runs once
                .contentType("application/json")
                .deliveryMode(2) // persistent
                .build();
            byte[] input = "null".getBytes("UTF-8");
            channel.basicPublish("reprise." + hub, "start.E1_HelloSequence", true, properties, input);
            channel.waitForConfirmsOrDie(10_000);
            if (returned[0]) throw new IllegalStateException("no queue takes this message: is there a hub '" + hub + "'?");
        }
        System.out.println(instance);
    }
}
