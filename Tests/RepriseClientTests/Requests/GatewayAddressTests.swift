import Foundation
import RepriseClient
import RepriseKernel
import Testing

@Suite("An address of a gateway")
struct GatewayAddressTests {
    private func url(_ address: String, hub: String? = nil, _ path: [String], _ query: [(String, String)] = []) throws
        -> String?
    {
        var request = GatewayRequest(.get, path)
        request.query = query.map { (name: $0.0, value: $0.1) }
        return try GatewayAddress(address, hub: hub).url(request)?.absoluteString
    }

    @Test(
        "Where a proxy has put it, and with slashes at its end",
        arguments: [
            ("http://127.0.0.1:7071", "http://127.0.0.1:7071"), ("HTTP://gateway/", "http://gateway"),
            ("https://example.org/reprise/", "https://example.org/reprise"),
            ("http://[::1]:7071//", "http://[::1]:7071"),
            ("http://gateway/runtime/webhooks/durabletask/", "http://gateway"),
            ("http://gateway/a/runtime/webhooks/durableTask", "http://gateway/a"),
        ]
    )
    func addresses(text: String, origin: String) throws {
        #expect(try url(text, ["instances"]) == "\(origin)/runtime/webhooks/durabletask/instances")
    }

    @Test(
        "What is none",
        arguments: [
            "", "gateway:7071", "127.0.0.1:7071", "amqp://127.0.0.1", "http://", "http:///x", "http://a?b=c",
            "http://user:secret@gateway", "not an address",
        ]
    )
    func others(text: String) {
        let error = #expect(throws: RepriseError.self) { try GatewayAddress(text) }
        #expect(error?.code == .address)
        #expect(error?.message.contains("http://127.0.0.1:7071") == true)
    }

    @Test("Ids and values arrive as they are, whatever is in them")
    func escaping() throws {
        let text = try url(
            "http://g",
            hub: "my-hub",
            ["instances", "größe +%&=;:@$,'", "raiseEvent", "a.b"],
            [("reason", "1+1 = 2 & more?"), ("tags", #"{"a":"b"}"#)]
        )
        #expect(
            text
                == "http://g/runtime/webhooks/durabletask/instances/gr%C3%B6%C3%9Fe%20%2B%25%26%3D%3B%3A%40%24%2C%27/raiseEvent/a.b"
                + "?reason=1%2B1%20%3D%202%20%26%20more%3F&tags=%7B%22a%22%3A%22b%22%7D&taskHub=my-hub"
        )
    }

    @Test("Ids that would be steps of a path do not take any", arguments: [".", ".."])
    func dots(id: String) throws {
        #expect(
            try url("http://g", ["instances", id])
                == "http://g/runtime/webhooks/durabletask/instances/%2E\(id.dropFirst().isEmpty ? "" : "%2E")"
        )
    }
}
