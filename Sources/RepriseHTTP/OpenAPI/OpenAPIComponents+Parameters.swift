extension OpenAPIComponents {
    static let parameters = #"""
        {
          "taskHub": {"name": "taskHub", "in": "query", "schema": {"type": "string"},
            "description": "The hub that is meant; another one than this gateway serves is refused."},
          "connection": {"name": "connection", "in": "query", "schema": {"type": "string"},
            "description": "Stands in the links that clients are handed, and is not looked at."},

          "orchestratorName": {"name": "name", "in": "path", "required": true,
            "schema": {"$ref": "#/components/schemas/Name"}},
          "instanceId": {"name": "instanceId", "in": "path", "required": true,
            "schema": {"$ref": "#/components/schemas/InstanceId"}},
          "eventName": {"name": "eventName", "in": "path", "required": true,
            "schema": {"$ref": "#/components/schemas/Name"}},

          "timeout": {"name": "timeout", "in": "query", "schema": {"type": "number", "minimum": 0,
            "maximum": 1000000000},
            "description": "Seconds to wait for the end, with pollingInterval; at most 230 are waited."},
          "pollingInterval": {"name": "pollingInterval", "in": "query", "schema": {"type": "number", "minimum": 0,
            "maximum": 1000000000},
            "description": "Seconds between two looks, with timeout and not above it; an end is noticed between too."},
          "returnInternalServerErrorOnFailure": {"name": "returnInternalServerErrorOnFailure", "in": "query",
            "schema": {"type": "boolean", "default": false},
              "description": "500 instead of 200 for a failed instance."},
          "idempotencyKey": {"name": "Idempotency-Key", "in": "header",
            "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 255},
            "description": "The same key for the same thing is the same command: it is done once."},
          "reason": {"name": "reason", "in": "query", "schema": {"type": "string"},
            "description": "Kept with the instance; text that is JSON is taken as the value it is."},

          "showInput": {"name": "showInput", "in": "query", "schema": {"type": "boolean", "default": true}},
          "showHistory": {"name": "showHistory", "in": "query", "schema": {"type": "boolean", "default": false}},
          "showHistoryOutput": {"name": "showHistoryOutput", "in": "query", "schema": {"type": "boolean",
            "default": false},
            "description": "The results of what has completed, in the history."},
          "ifNoneMatch": {"name": "If-None-Match", "in": "header", "schema": {"type": "string",
            "pattern": "^\"[ -~]*\"$"},
            "description": "The ETag of what is known already: 304 while nothing else is to be told."},
          "preferWait": {"name": "Prefer", "in": "header", "schema": {"type": "string",
            "pattern": "^wait=[1-9][0-9]{0,4}$"},
            "description": "Seconds to be held until the instance changes or has ended; at most 230 are."},

          "createdTimeFrom": {"name": "createdTimeFrom", "in": "query", "schema": {"type": "string",
            "format": "date-time"}},
          "createdTimeFromRequired": {"name": "createdTimeFrom", "in": "query", "required": true,
            "schema": {"type": "string", "format": "date-time"}},
          "createdTimeTo": {"name": "createdTimeTo", "in": "query", "schema": {"type": "string",
            "format": "date-time"}},
          "runtimeStatus": {"name": "runtimeStatus", "in": "query", "style": "form", "explode": false,
            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/RuntimeStatus"}},
            "description": "Any of these; the name may also be repeated."},
          "instanceIdPrefix": {"name": "instanceIdPrefix", "in": "query", "schema": {"type": "string"}},
          "top": {"name": "top", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 100},
            "description": "The most instances of a page; no page has more than 1000."},
          "continuationToken": {"name": "x-ms-continuation-token", "in": "header", "schema": {"type": "string"},
            "description": "From the former page."}
        }
        """#

    static let requestBodies = #"""
        {
          "Input": {"description": "The input; nothing means null.", "content": {"application/json": {"schema": {}}}},
          "Event": {"description": "The event's data.", "required": true,
            "content": {"application/json": {"schema": {}}}}
        }
        """#
}
