// Start E1_HelloSequence from C#.   mcs -r:/usr/lib/mono/4.5/RabbitMQ.Client.dll StartHello.cs; mono StartHello.exe [ID]
// (Debian: mono-mcs, mono-runtime, libmono-rabbitmq4.0-cil, whose client is older than publisher confirms: a transaction
// does the same. With a client of today: ConfirmSelect instead of TxSelect, WaitForConfirmsOrDie instead of TxCommit.)

using System;
using System.Text;
using RabbitMQ.Client;

static class StartHello
{
    static void Main(string[] arguments)
    {
        var hub = Environment.GetEnvironmentVariable("REPRISE_HUB") ?? "default";
        var instance = arguments.Length > 0 ? arguments[0] : Guid.NewGuid().ToString();

        var returned = false;
        using (var connection = Connect())
        using (var channel = connection.CreateModel())
        {
            channel.BasicReturn += (model, message) => returned = true;
            channel.TxSelect();

            var properties = channel.CreateBasicProperties();
            properties.CorrelationId = instance;
            properties.MessageId = Guid.NewGuid().ToString(); // in doubt, send again with the same one: it runs once
            properties.ContentType = "application/json";
            properties.DeliveryMode = 2; // persistent
            var input = Encoding.UTF8.GetBytes("null");
            var mandatory = true;
            channel.BasicPublish("reprise." + hub, "start.E1_HelloSequence", mandatory, false, properties, input);
            channel.TxCommit(); // returns when the broker has it
        }
        if (returned) throw new Exception("no queue takes this message: is there a hub '" + hub + "'?");
        Console.WriteLine(instance);
    }

    // The first of a cluster's brokers that answers.
    static IConnection Connect()
    {
        var urls = Environment.GetEnvironmentVariable("REPRISE_AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672";
        Exception failure = null;
        foreach (var text in urls.Split(','))
        {
            var url = new Uri(text);
            var user = url.UserInfo.Split(':');
            var vhost = Uri.UnescapeDataString(url.AbsolutePath.Substring(1));
            var factory = new ConnectionFactory { HostName = url.Host, Port = url.Port, UserName = user[0], Password = user[1] };
            if (vhost != "") factory.VirtualHost = vhost;
            try { return factory.CreateConnection(); }
            catch (Exception error) { failure = error; }
        }
        throw failure;
    }
}
