extension OpenAPIComponents {
    static let schemas = #"""
        {
          "Name": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]+$"},
          "InstanceId": {"type": "string", "minLength": 1, "maxLength": 256,
            "pattern": "^[^@/\\\\?#\\u0000-\\u001F\\u007F-\\u009F][^/\\\\?#\\u0000-\\u001F\\u007F-\\u009F]*$",
            "description": "1 to 256 UTF-16 code units; no control characters, none of / \\ ? #, no leading @."},
          "EntityName": {"type": "string", "minLength": 1, "maxLength": 128,
            "pattern": "^[^@/\\\\?#\\u0000-\\u001F\\u007F-\\u009F]+$"},
          "EntityKey": {"type": "string", "minLength": 1, "maxLength": 246,
            "pattern": "^[^/\\\\?#\\u0000-\\u001F\\u007F-\\u009F]+$",
            "description": "$ stands for the empty key. @name@key has 256 UTF-16 code units at most."},
          "Tag": {"type": "string", "maxLength": 1024, "pattern": "^[^:\\u0000-\\u001F\\u007F-\\u009F]{1,128}:.*$",
            "description": "A name has 1 to 128 bytes; all names and values together have 8192 at most."},
          "Entity": {"type": "object", "required": ["entityId", "lastOperationTime", "state"],
            "properties": {
              "entityId": {"type": "object", "required": ["name", "key"],
                "properties": {"name": {"type": "string"}, "key": {"type": "string"}}},
              "lastOperationTime": {"type": "string", "format": "date-time"}, "state": {}}},
          "RuntimeStatus": {"enum": ["Pending", "Running", "Suspended", "ContinuedAsNew", "Completed", "Failed",
            "Canceled", "Terminated"]},
          "Links": {"type": "object",
            "description": "Addresses for this instance; {eventName} and {text} are to be replaced.",
            "required": ["id", "statusQueryGetUri", "sendEventPostUri", "terminatePostUri", "purgeHistoryDeleteUri",
              "restartPostUri", "suspendPostUri", "resumePostUri"],
            "additionalProperties": {"type": "string"}},
          "Status": {"type": "object",
            "required": ["name", "instanceId", "runtimeStatus", "input", "customStatus", "output", "createdTime",
              "lastUpdatedTime"],
            "properties": {
              "name": {"type": "string"},
              "instanceId": {"type": "string"},
              "runtimeStatus": {"$ref": "#/components/schemas/RuntimeStatus"},
              "input": {}, "customStatus": {},
              "output": {"description": "Of a failed instance its failure as text, of a terminated one the reason."},
              "createdTime": {"type": "string", "format": "date-time"},
              "lastUpdatedTime": {"type": "string", "format": "date-time"},
              "parentInstanceId": {"type": "string"},
              "tags": {"type": "object", "additionalProperties": {"type": "string"}},
              "version": {"type": "string"},
              "startTime": {"type": "string", "format": "date-time"},
              "historyEvents": {"type": "array", "items": {"type": "object", "required": ["EventType",
                "Timestamp"]}}}},
          "Problem": {"type": "object", "required": ["Message", "ExceptionMessage"],
            "properties": {"Message": {"type": "string"}, "ExceptionMessage": {"type": "string"},
              "ExceptionType": {"type": "string", "description": "A word for programs."}}}
        }
        """#
}
