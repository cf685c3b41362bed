// Users write `import RepriseGateway` and mean what their middleware is made of, too.
@_exported public import struct RepriseHTTP.GatewayContext
@_exported public import protocol RepriseHTTP.GatewayMiddleware
